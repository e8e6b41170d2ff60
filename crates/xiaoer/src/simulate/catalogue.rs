//! The units and items of the district: invented numbers, usual names.

use super::units::{Unit, usci};
use jiff::civil::Date;
use xiaoer_wire::v1::{self, ItemType, LimitUnit, UnitKind};

/// Units, the centre first; an item names its lead unit by its place here.
pub(super) const UNITS: &[Unit] = &[
    Unit { name: "政务服务中心管理办公室", kind: UnitKind::Centre },
    Unit { name: "市场监督管理局", kind: UnitKind::Department },
    Unit { name: "自然资源和规划局", kind: UnitKind::Department },
    Unit { name: "住房和城乡建设局", kind: UnitKind::Department },
    Unit { name: "卫生健康局", kind: UnitKind::Department },
    Unit { name: "人力资源和社会保障局", kind: UnitKind::Department },
    Unit { name: "交通运输局", kind: UnitKind::Department },
    Unit { name: "生态环境分局", kind: UnitKind::Department },
    Unit { name: "公安分局", kind: UnitKind::Department },
    Unit { name: "民政局", kind: UnitKind::Department },
    Unit { name: "政务服务热线中心", kind: UnitKind::Hotline },
    Unit { name: "督查室", kind: UnitKind::Supervision },
];
pub(super) const CENTRE: usize = 0;
pub(super) const HOTLINE: usize = 10;
pub(super) const SUPERVISION: usize = 11;

/// Most working days until what was missing follows.
const TOLERANCE_WD: u32 = 5;

/// What a material is called in events.
pub(super) const MATERIALS: &[&str] = &[
    "application_form",
    "identity_document",
    "business_licence",
    "site_proof",
    "lease",
    "site_plan",
    "qualification",
    "health_certificate",
    "power_of_attorney",
    "contract",
    "articles",
    "safety_assessment",
    "survey_map",
    "environment_report",
    "photo",
    "bank_proof",
];
/// What can be wrong with one.
pub(super) const DEFECTS: &[&str] = &["missing", "not_signed", "expired", "illegible", "wrong_form"];
/// A material that no item lists.
pub(super) const OFF_LIST: &str = "village_certificate";

const P: ItemType = ItemType::Permit;
const C: ItemType = ItemType::Confirmation;
const B: ItemType = ItemType::Benefit;
const S: ItemType = ItemType::PublicService;
const O: ItemType = ItemType::Other;

/// Name, lead unit, type, statutory limit in working days, promised limit (0: immediate), 到办事现场次数, materials, how often it
/// is applied for. No statutory limit: the catalogue names none.
type Row = (&'static str, usize, ItemType, Option<u32>, u32, u32, usize, u32);

#[rustfmt::skip]
const ITEMS: &[Row] = &[
    ("企业设立登记", 1, C, Some(15), 1, 0, 6, 60),
    ("个体工商户登记", 1, C, Some(15), 0, 1, 4, 90),
    ("企业变更登记", 1, C, Some(15), 1, 1, 5, 50),
    ("企业注销登记", 1, C, Some(15), 3, 1, 5, 20),
    ("食品经营许可", 1, P, Some(20), 8, 1, 7, 60),
    ("小餐饮登记", 1, P, Some(20), 5, 1, 5, 30),
    ("特种设备使用登记", 1, P, Some(20), 5, 1, 6, 12),
    ("药品零售许可", 1, P, Some(20), 12, 1, 9, 6),
    ("建设用地规划许可", 2, P, Some(20), 10, 1, 8, 8),
    ("建设工程规划许可", 2, P, Some(20), 12, 2, 10, 10),
    ("不动产首次登记", 2, C, Some(30), 10, 1, 8, 20),
    ("不动产转移登记", 2, C, Some(30), 5, 1, 7, 60),
    ("林木采伐许可", 2, P, Some(20), 7, 1, 5, 4),
    ("取水许可", 2, P, Some(45), 20, 1, 9, 2),
    ("建筑工程施工许可", 3, P, Some(7), 4, 1, 10, 12),
    ("商品房预售许可", 3, P, Some(10), 5, 1, 10, 5),
    ("竣工验收备案", 3, O, Some(15), 5, 1, 9, 8),
    ("城市道路占用挖掘许可", 3, P, Some(20), 5, 1, 6, 9),
    ("户外广告设置许可", 3, P, Some(20), 7, 2, 5, 10),
    ("燃气经营许可", 3, P, Some(20), 12, 1, 11, 1),
    ("公租房资格确认", 3, C, None, 15, 1, 6, 15),
    ("公共场所卫生许可", 4, P, Some(20), 8, 1, 7, 25),
    ("护士执业注册", 4, P, Some(20), 5, 0, 5, 15),
    ("医师执业注册", 4, P, Some(20), 5, 0, 6, 10),
    ("诊所备案", 4, O, Some(20), 10, 1, 8, 4),
    ("生育服务登记", 4, S, None, 0, 0, 3, 25),
    ("劳务派遣经营许可", 5, P, Some(20), 10, 1, 8, 4),
    ("人力资源服务许可", 5, P, Some(20), 8, 1, 7, 4),
    ("社会保障卡申领", 5, S, None, 5, 1, 3, 70),
    ("失业保险金申领", 5, B, Some(10), 5, 0, 3, 25),
    ("特殊工时审批", 5, P, Some(20), 10, 1, 6, 5),
    ("道路货物运输经营许可", 6, P, Some(20), 7, 1, 7, 18),
    ("道路运输证配发", 6, C, Some(20), 3, 1, 5, 25),
    ("超限运输许可", 6, P, Some(20), 3, 0, 6, 12),
    ("环境影响评价审批", 7, P, Some(60), 20, 1, 8, 6),
    ("排污许可", 7, P, Some(30), 15, 0, 7, 8),
    ("户口迁移", 8, C, None, 5, 2, 5, 30),
    ("居住证申领", 8, S, Some(15), 10, 1, 4, 20),
    ("最低生活保障审核", 9, B, Some(30), 20, 1, 8, 12),
    ("老年人优待证办理", 9, S, None, 0, 1, 2, 20),
];

/// An item as the district publishes it.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) code: String,
    pub(super) unit: usize,
    pub(super) weight: u32,
    /// Its department has published what may be missing at acceptance.
    has_tolerance_list: bool,
    /// What becomes of it in the period.
    pub(super) fate: Fate,
    /// Versions by their first day in force; one, or two where the district changes it.
    pub(super) versions: Vec<(Date, v1::ItemVersionPublished)>,
}

/// What becomes of an item.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fate {
    /// Nothing.
    Stays,
    /// It is handed down, and taken over again.
    GoesAndComes,
    /// It is cancelled.
    Ends,
}

/// The item whose limit is lengthened, and nothing is said of it.
const QUIET: usize = 36;

impl Item {
    /// What is said of the second version's limit, where it is shorter.
    pub(super) fn limit_change(&self) -> Option<v1::ItemLimitChanged> {
        let [(_, before), (from, after)] = self.versions.as_slice() else { return None };
        let (promised_old, promised_new) = (before.promised_limit, after.promised_limit);
        let shorter = promised_new.map(|limit| limit.n) < promised_old.map(|limit| limit.n);
        let (version, in_force_from) = (after.version.clone(), from.to_string());
        shorter.then_some(v1::ItemLimitChanged { version, promised_old, promised_new, in_force_from })
    }

    /// The version in force on a day.
    pub(super) fn version_on(&self, day: Date) -> &v1::ItemVersionPublished {
        let in_force = self.versions.iter().rev().find(|(from, _)| *from <= day);
        &in_force.unwrap_or(&self.versions[0]).1
    }

    /// What may be missing of a version at acceptance.
    pub(super) fn tolerance_list(&self, version: &v1::ItemVersionPublished) -> Option<v1::ToleranceListPublished> {
        let materials = version.steps.iter().flat_map(|step| &step.materials).filter(|material| material.tolerance_ok);
        let tolerated = |material: &v1::ItemMaterial| v1::ToleratedMaterial { code: material.code.clone(), max_wd: TOLERANCE_WD };
        let list = v1::ToleranceListPublished { version: version.version.clone(), materials: materials.map(tolerated).collect() };
        (self.has_tolerance_list && !list.materials.is_empty()).then_some(list)
    }
}

/// The items, in force long before `from`; every eighth gets a second version on `change`.
pub(super) fn items(long_before: Date, change: Date) -> Vec<Item> {
    ITEMS.iter().enumerate().map(|(index, row)| item(index, row, long_before, change)).collect()
}

fn item(index: usize, row: &Row, long_before: Date, change: Date) -> Item {
    let &(_, unit, kind, _, promised, ..) = row;
    let mut versions = vec![(long_before, version(index, row, "1", long_before))];
    if index % 8 == 4 {
        let mut second = version(index, row, "2", change);
        second.promised_limit = Some(limit(if index == QUIET { promised + 3 } else { promised.saturating_sub(2) }));
        if let Some(step) = second.steps.first_mut() {
            step.materials.pop();
        }
        versions.push((change, second));
    }
    let code = format!("{}437{:02}{unit:02}{:03}001", usci(unit), type_code(kind), index + 1);
    // Some departments have none yet.
    let has_tolerance_list = kind == P && promised > 3 && index % 5 != 2;
    let fate = match index {
        33 => Fate::GoesAndComes,
        39 => Fate::Ends,
        _ => Fate::Stays,
    };
    Item { code, unit, weight: row.7, has_tolerance_list, fate, versions }
}

fn version(index: usize, row: &Row, version: &str, in_force_from: Date) -> v1::ItemVersionPublished {
    let &(name, unit, kind, statutory, promised, visits, materials, _) = row;
    let material = |n: usize| v1::ItemMaterial {
        // Neighbouring items ask for different ones; the form is always among them.
        code: MATERIALS[if n == 0 { 0 } else { (n + index) % MATERIALS.len() }].to_owned(),
        standard_ref: String::new(),
        required: n < 3 || n % 4 != 3,
        tolerance_ok: n > 2,
    };
    let all: Vec<_> = (0..materials).map(material).collect();
    let (first, second) = all.split_at(materials.div_ceil(2));
    let step = |step: &str, materials: &[v1::ItemMaterial]| v1::ItemStep { step: step.to_owned(), materials: materials.to_vec() };
    let mut steps = vec![step("receipt", first)];
    if !second.is_empty() {
        steps.push(step("review", second));
    }
    v1::ItemVersionPublished {
        version: version.to_owned(),
        name: name.to_owned(),
        item_type: kind.into(),
        lead_usci: usci(unit),
        online: visits < 2,
        steps,
        defects: DEFECTS.iter().map(|&defect| defect.to_owned()).collect(),
        statutory_limit: statutory.map(limit),
        promised_limit: Some(limit(promised)),
        deemed_acceptance: kind == P,
        // One item in thirteen has not stated it.
        visit_limit: Some(visits).filter(|_| index % 13 != 12),
        in_force_from: in_force_from.to_string(),
    }
}

fn limit(n: u32) -> v1::Limit {
    let unit = if n == 0 { LimitUnit::Immediate } else { LimitUnit::WorkingDay };
    v1::Limit { n, unit: unit.into() }
}

/// Code of a type in GB/T 39046.
fn type_code(kind: ItemType) -> u32 {
    match kind {
        ItemType::Permit => 1,
        ItemType::Benefit => 5,
        ItemType::Confirmation => 7,
        ItemType::PublicService => 20,
        _ => 10,
    }
}
