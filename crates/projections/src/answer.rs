//! Answers: a figure, a series, the members behind a figure.
//!
//! All metrics are counted by one statement: from the cells ([`crate::cells`]) where they say what is asked, else over the members.
//! Three need more: `days` looks at each working day's night, `rank` puts the figures of a night beside those of other districts, and
//! the `diag_*` metrics are not stored but evaluated by scanning the log.

use crate::{Error, Projection, Question, Where, cells::Cut, knowing::Knowing, sql, tables};
use jiff::civil::Date;
use std::collections::BTreeMap;
use xiaoer_domain::{
    Subject,
    event::CodeText,
    ids::kind,
    metric::{Days, Dims, Metric, Place, Quantiles, Shape, Standing, Sums, Tally, denominator, quantiles, value},
    metric::{city_rank, city_rank::Compared},
};
use xiaoer_journal::{
    Statement,
    connection::{Found, Query, Reader},
};

/// Members of one page of a drill-down.
pub const MEMBERS_PAGE: usize = 500;

/// A figure of one log, or of several put together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figure {
    /// Members by place.
    pub tally: Tally,
    /// Sums over their values.
    pub sums: Sums,
    /// The numerator's values in ascending order, for distributions.
    pub values: Vec<f64>,
}

impl Figure {
    /// Adds the figure of another log.
    pub fn add(&mut self, other: Figure) {
        self.tally.numerator += other.tally.numerator;
        self.tally.denominator_only += other.tally.denominator_only;
        self.tally.unknown += other.tally.unknown;
        self.tally.excluded += other.tally.excluded;
        self.sums.numerator += other.sums.numerator;
        self.sums.denominator_only += other.sums.denominator_only;
        self.values.extend(other.values);
        self.values.sort_unstable_by(f64::total_cmp);
    }

    /// The figure itself; nothing for a rate over nothing.
    pub fn value(&self, shape: Shape) -> Option<f64> {
        value(shape, &self.tally, &self.sums, &self.values)
    }

    /// The denominator shown with it.
    pub fn denominator(&self, shape: Shape) -> u64 {
        denominator(shape, &self.tally)
    }

    /// Quantiles of a distribution.
    pub fn quantiles(&self) -> Option<Quantiles> {
        quantiles(&self.values)
    }

    pub(crate) fn count(&mut self, place: Place, members: u64, sum: f64) {
        self.sums.add(place, sum);
        match place {
            Place::Numerator => self.tally.numerator += members,
            Place::Denominator => self.tally.denominator_only += members,
            Place::Unknown => self.tally.unknown += members,
            Place::Excluded => self.tally.excluded += members,
        }
    }
}

/// One part of a figure: a value of a dimension, and its figure.
pub type Point = (String, Figure);

/// A member of a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The thing.
    pub subject: Subject,
    /// Where it stands.
    pub place: Place,
    /// Why, as a code.
    pub why: String,
    /// The cohort day.
    pub counts_on: Date,
    /// For sums and distributions.
    pub value: Option<f64>,
    /// Its dimensions.
    pub dims: Dims,
    /// Positions of the events that made it so.
    pub positions: Vec<u64>,
    /// Its row, for the next page.
    pub row_id: i64,
}

impl Projection {
    /// A figure; by the values of a dimension where one is named.
    pub async fn figure(&self, knowing: &Knowing, question: &Question, by: &str) -> Result<Vec<Point>, Error> {
        let def = question.metric.def();
        let mut parts = if def.diagnostic {
            self.diagnoses.at(self.log(), knowing, question.known.position).await?.figure(question, by)
        } else if def.shape == Shape::Days {
            self.days(knowing, question, by).await?
        } else if def.shape == Shape::Rank {
            self.ranks(knowing, question, by).await?
        } else {
            self.stored(question, by).await?
        };
        if by.is_empty() && parts.is_empty() {
            parts.insert(String::new(), Figure::default());
        }
        Ok(parts.into_iter().collect())
    }

    /// A figure of what is stored: from the cells, where they say what is asked, else over the members.
    async fn stored(&self, question: &Question, by: &str) -> Result<BTreeMap<String, Figure>, Error> {
        match self.figure_of_cells(question, by).await? {
            Some(parts) => Ok(parts),
            None => self.figure_of_rows(question, by).await,
        }
    }

    async fn figure_of_rows(&self, question: &Question, by: &str) -> Result<BTreeMap<String, Figure>, Error> {
        let asked = Asked::of(self, question);
        let mut reader = self.store().readers.acquire().await?;
        let rows = asked.of_statement(&mut reader, &sql::COUNT).bind(by).all().await?;
        let mut parts: BTreeMap<String, Figure> = BTreeMap::new();
        for row in &rows {
            let (place, members, sum): (&str, i64, Option<f64>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let place = known_place(place)?;
            parts.entry(row.get(3)?).or_default().count(place, members.unsigned_abs(), sum.unwrap_or(0.0));
        }
        if question.metric.def().shape == Shape::Distribution {
            for (part, figure) in &mut parts {
                let rows = asked.of_statement(&mut reader, &sql::VALUES).bind(by).bind(part.as_str()).all().await?;
                figure.values = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
            }
        }
        Ok(parts)
    }

    /// `zero_backlog_days`: the working days of the period, up to the day asked about, by whether the night had backlog.
    async fn days(&self, knowing: &Knowing, question: &Question, by: &str) -> Result<BTreeMap<String, Figure>, Error> {
        let mut parts: BTreeMap<String, Figure> = BTreeMap::new();
        let (from, to) = stretch(question);
        let nights = self.nights(question, by, (from, to)).await?;
        if by.is_empty() {
            parts.entry(String::new()).or_default();
        }
        for part in nights.keys() {
            parts.entry(part.clone()).or_default();
        }
        for (day, metrics) in self.working_days(knowing, question, from, to).await? {
            for (part, figure) in &mut parts {
                let on = |place| nights.get(part).into_iter().flatten().any(|night| night.is(&metrics, place, day));
                let place = if on(Place::Numerator) {
                    Place::Denominator
                } else if on(Place::Unknown) {
                    Place::Unknown
                } else {
                    Place::Numerator
                };
                figure.count(place, 1, 0.0);
            }
        }
        Ok(parts)
    }

    /// `city_rank`: by each figure that is asked for, the districts that are compared.
    async fn ranks(&self, knowing: &Knowing, question: &Question, by: &str) -> Result<BTreeMap<String, Figure>, Error> {
        let mut parts: BTreeMap<String, Figure> = BTreeMap::new();
        for (figure, compared) in self.compared(knowing, question).await? {
            let part = if by.is_empty() { String::new() } else { figure.to_owned() };
            let part = parts.entry(part).or_default();
            compared.iter().for_each(|district| part.count(district.place, 1, 0.0));
        }
        Ok(parts)
    }

    /// The districts compared by each figure that is asked for, with the figure's code.
    async fn compared(&self, knowing: &Knowing, question: &Question) -> Result<Vec<(&'static str, Vec<Compared>)>, Error> {
        let knowledge = knowing.at(question.known.position).await?;
        let (night, ..) = days_of(question);
        let mut all = Vec::new();
        let asked = |code: &str| question.of.kind.is_empty() || *question.of.kind == *code;
        for figure in city_rank::FIGURES.into_iter().filter(|figure| asked(figure.code())) {
            let metric = city_rank::own_metric(figure);
            let own = Question { metric, of: Where::default(), ..question.clone() };
            let own = self.stored(&own, "").await?.remove("").unwrap_or_default().value(metric.def().shape);
            all.push((figure.code(), city_rank::compared(&knowledge, figure, own, night)));
        }
        Ok(all)
    }

    /// The working days of a stretch, with the backlogs that must be empty on each.
    async fn working_days(
        &self,
        knowing: &Knowing,
        question: &Question,
        from: Date,
        to: Date,
    ) -> Result<Vec<(Date, Vec<Metric>)>, Error> {
        let knowledge = knowing.at(question.known.position).await?;
        let mut days = Vec::new();
        let mut day = from;
        while day <= to {
            if knowledge.calendar.is_working(day) {
                days.push((day, backlog_parts(&knowledge.rules.codes("zero_backlog_parts", day))));
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        Ok(days)
    }

    /// Stretches of backlog nights that touch some days, by part of a dimension.
    async fn nights(&self, question: &Question, by: &str, (from, to): (Date, Date)) -> Result<BTreeMap<String, Vec<Night>>, Error> {
        let mut nights: BTreeMap<String, Vec<Night>> = BTreeMap::new();
        if let Some(cut) = Cut::of(question, by) {
            for metric in BACKLOGS {
                for (part, place, valid) in self.nights_of_cells(question, metric, cut, (from, to)).await? {
                    nights.entry(part).or_default().push(Night { metric, place, valid });
                }
            }
            return Ok(nights);
        }
        let mut reader = self.store().readers.acquire().await?;
        for metric in BACKLOGS {
            let asked = Asked { from, to, metric, ..Asked::of(self, question) };
            let rows = asked.of_statement(&mut reader, &sql::NIGHTS).bind(by).all().await?;
            for row in &rows {
                let valid = Days { from: tables::day(row.get(1)?, "standing")?, until: tables::day(row.get(2)?, "standing")? };
                let night = Night { metric, place: known_place(row.get(0)?)?, valid };
                nights.entry(row.get(3)?).or_default().push(night);
            }
        }
        Ok(nights)
    }

    /// A page of the members behind a figure, after a row; empty at the end.
    pub async fn members(&self, knowing: &Knowing, question: &Question, after: i64) -> Result<Vec<Member>, Error> {
        let def = question.metric.def();
        if def.diagnostic {
            return self.diagnoses.members(self.log(), knowing, question, after).await;
        }
        if def.shape == Shape::Days {
            // The members of these days are the backlogs that spoil them: those that touch a working day of the period.
            return self.spoilers(knowing, question, after).await;
        }
        if def.shape == Shape::Rank {
            return if after > 0 { Ok(Vec::new()) } else { self.districts(knowing, question).await };
        }
        let (from, to) = self.cursor().numbers();
        if after != 0 && !(from..to).contains(&after) {
            // The page before was of tables that were changed for others meanwhile.
            return Err(Error::Overtaken);
        }
        self.page(&Asked::of(self, question), after).await
    }

    /// The districts of a rank; its own stands under the name of the log.
    async fn districts(&self, knowing: &Knowing, question: &Question) -> Result<Vec<Member>, Error> {
        let own = &self.log().genesis().name;
        let member = |figure: &str, it: Compared| Member {
            subject: match &*it.district {
                "" => Subject::new(kind::LOG, "xiaoer", own.as_str()),
                district => Subject::new(kind::DISTRICT, &it.system, district),
            },
            place: it.place,
            why: it.why.to_owned(),
            counts_on: it.valid_on,
            value: it.value,
            dims: Dims { kind: figure.into(), ..Dims::default() },
            positions: Some(it.position).filter(|position| *position > 0).into_iter().collect(),
            row_id: 1,
        };
        let all = self.compared(knowing, question).await?;
        Ok(all.into_iter().flat_map(|(figure, districts)| districts.into_iter().map(move |it| member(figure, it))).collect())
    }

    async fn page(&self, asked: &Asked<'_>, after: i64) -> Result<Vec<Member>, Error> {
        let page = i64::try_from(MEMBERS_PAGE).unwrap_or(i64::MAX);
        let mut reader = self.store().readers.acquire().await?;
        let query = asked.of_statement(&mut reader, &sql::MEMBERS).bind(after).bind(page);
        query.all().await?.iter().map(member).collect()
    }

    /// One member for each working day: a backlog case that spoils it, or the day itself where none does.
    async fn spoilers(&self, knowing: &Knowing, question: &Question, after: i64) -> Result<Vec<Member>, Error> {
        if after > 0 {
            return Ok(Vec::new());
        }
        let (from, to) = stretch(question);
        let mut members = Vec::new();
        for (day, metrics) in self.working_days(knowing, question, from, to).await? {
            let spoiler = self.spoiler(question, day, &metrics).await?;
            members.push(spoiler.unwrap_or_else(|| Member {
                subject: Subject::new("day", "calendar", &day.to_string()),
                place: Place::Numerator,
                why: "empty".to_owned(),
                counts_on: day,
                value: None,
                dims: Dims::default(),
                positions: Vec::new(),
                row_id: 1,
            }));
        }
        Ok(members)
    }

    /// A member of a backlog on a night, or else one of which it is unknown.
    async fn spoiler(&self, question: &Question, day: Date, metrics: &[Metric]) -> Result<Option<Member>, Error> {
        let mut unknown = None;
        for &metric in metrics {
            let asked = Asked { metric, valid_on: day, from: Date::MIN, to: Date::MAX, ..Asked::of(self, question) };
            let mut page = self.page(&asked, 0).await?;
            while let Some(last) = page.last().map(|member| member.row_id) {
                for found in page {
                    let here = Member { why: metric.id().to_owned(), counts_on: day, row_id: 1, ..found };
                    if here.place == Place::Numerator {
                        return Ok(Some(Member { place: Place::Denominator, ..here }));
                    }
                    unknown = unknown.or(Some(here));
                }
                page = self.page(&asked, last).await?;
            }
        }
        Ok(unknown)
    }
}

/// The days that `zero_backlog_days` looks at: those of the period up to the day asked about. Where the period has no first day
/// it is the month of the last one, as the figure is published; back to the first day there is nobody has ever asked.
fn stretch(question: &Question) -> (Date, Date) {
    let to = question.period.1.min(question.valid_on);
    let from = if question.period.0 == Date::MIN { to.first_of_month() } else { question.period.0 };
    (from, to)
}

/// The backlogs that `zero_backlog_parts` may name.
const BACKLOGS: [Metric; 5] =
    [Metric::BacklogPromised, Metric::BacklogStatutory, Metric::BacklogReceipt, Metric::BacklogMember, Metric::BacklogDelivery];

fn backlog_parts(parts: &[CodeText]) -> Vec<Metric> {
    let named = |metric: &Metric| parts.iter().any(|part| metric.id().strip_prefix("backlog_") == Some(&**part));
    BACKLOGS.into_iter().filter(named).collect()
}

/// A stretch of nights with a member.
struct Night {
    metric: Metric,
    place: Place,
    valid: Days,
}

impl Night {
    fn is(&self, metrics: &[Metric], place: Place, day: Date) -> bool {
        self.place == place && metrics.contains(&self.metric) && self.valid.contains(day)
    }
}

/// What the statements are bound to.
#[derive(Clone, Copy)]
struct Asked<'a> {
    projection_id: i64,
    metric: Metric,
    known: u64,
    valid_on: Date,
    from: Date,
    to: Date,
    of: &'a Where,
}

impl<'a> Asked<'a> {
    fn of(projection: &Projection, question: &'a Question) -> Self {
        let (valid_on, from, to) = days_of(question);
        Self {
            projection_id: projection.cursor().id,
            metric: question.metric,
            known: question.known.position,
            valid_on,
            from,
            to,
            of: &question.of,
        }
    }

    /// `count.sql` or one of its kin, with `$1` to `$12`.
    fn of_statement<'q>(&self, reader: &'q mut Reader, statement: &'static Statement) -> Query<'q>
    where
        'a: 'q,
    {
        let query = reader
            .query(statement)
            .bind(self.projection_id)
            .bind(self.metric.id())
            .bind(self.known.cast_signed())
            .bind(tables::text(self.valid_on))
            .bind(tables::text(self.from))
            .bind(tables::text(self.to));
        self.of.values().into_iter().fold(query, |query, value| query.bind(value))
    }
}

/// The day and the cohort days a question looks at. A figure of a night looks at the night that ends the period, if it has come,
/// whatever day its members came in.
pub(crate) fn days_of(question: &Question) -> (Date, Date, Date) {
    if question.metric.def().shape.is_of_a_night() {
        return (question.valid_on.min(question.period.1), Date::MIN, Date::MAX);
    }
    (question.valid_on, question.period.0, question.period.1)
}

fn known_place(code: &str) -> Result<Place, Error> {
    tables::place_of(code).ok_or_else(|| Error::Corrupt { table: "standing", what: format!("{code} is no place") })
}

fn member(row: &Found) -> Result<Member, Error> {
    let text = |column: usize| Ok::<_, Error>(row.get::<&str>(column)?.into());
    let positions: &str = row.get(14)?;
    Ok(Member {
        row_id: row.get(0)?,
        subject: Subject::new(row.get(1)?, row.get(2)?, row.get(3)?),
        place: known_place(row.get(4)?)?,
        why: row.get(5)?,
        counts_on: tables::day(row.get(6)?, "standing")?,
        value: row.get(7)?,
        dims: Dims { unit: text(8)?, item: text(9)?, staff: text(10)?, window: text(11)?, channel: text(12)?, kind: text(13)? },
        positions: positions.split(' ').filter_map(|position| position.parse().ok()).collect(),
    })
}

/// Whether a standing is a member of what a question asks, for those that are not stored.
pub(crate) fn asks_for(question: &Question, standing: &Standing) -> bool {
    let (valid_on, from, to) = days_of(question);
    let Dims { unit, item, staff, window, channel, kind } = &standing.dims;
    let of = question.of.values().into_iter().zip([unit, item, staff, window, channel, kind]);
    standing.metric == question.metric
        && standing.valid.contains(valid_on)
        && (from..=to).contains(&standing.counts_on)
        && of.into_iter().all(|(asked, has)| asked.is_empty() || *asked == **has)
}

impl Figure {
    /// Counts a standing that is not stored.
    pub(crate) fn take(&mut self, standing: &Standing) {
        self.count(standing.place, 1, standing.value.unwrap_or(0.0));
        if let (Place::Numerator, Some(value)) = (standing.place, standing.value) {
            self.values.push(value);
        }
    }
}
