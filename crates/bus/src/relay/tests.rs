use super::*;
use bytes::Bytes;
use uuid::Uuid;
use xiaoer_domain::{Actor, Identity, Subject};

fn row(position: u64, leaf: u8, bytes: usize) -> Row {
    Row {
        position,
        recorded_at: 0,
        subject: Subject::new("case", "s", "1"),
        revision: 1,
        identity: Identity { system: "s".into(), event_id: Uuid::nil() },
        fact: "CaseReceived".into(),
        actor: Actor::local(),
        mode: 1,
        flags: Vec::new(),
        body: Bytes::from(vec![0; bytes]),
        leaf_hash: [leaf; 32],
    }
}

#[test]
fn a_page_goes_on_where_the_stream_ends_or_is_refused() {
    let mark = |position, leaf: Option<u8>| Mark { position, leaf: leaf.map(|leaf| [leaf; 32]) };
    let (new, rewound, hole) = (Ok as fn(u64) -> Result<u64, Code>, Err(Code::LogRewound), Err(Code::Internal));
    type Page = &'static [(u64, u8)];
    let table: [(Mark, Page, Result<u64, Code>); 11] = [
        (mark(0, None), &[], new(0)),
        (mark(0, None), &[(1, 1), (2, 2)], new(2)),
        (mark(0, None), &[(2, 2)], hole),
        (mark(5, Some(9)), &[(5, 9)], new(0)),
        (mark(5, Some(9)), &[(5, 9), (6, 1), (7, 1)], new(2)),
        (mark(5, Some(9)), &[(5, 9), (7, 1)], hole),
        (mark(5, Some(9)), &[(5, 8), (6, 1)], rewound),
        (mark(5, Some(9)), &[], rewound),
        (mark(5, None), &[(5, 8), (6, 1)], new(1)),
        (mark(5, None), &[], rewound),
        (mark(5, Some(9)), &[(6, 1)], rewound),
    ];
    for (mark, page, expected) in table {
        let rows = page.iter().map(|&(position, leaf)| row(position, leaf, 0)).collect();
        let answer = after(&mark, rows).map(|rows| rows.len() as u64).map_err(|refusal| refusal.code);
        assert_eq!(answer, expected, "{mark:?} {page:?}");
    }
}

#[test]
fn batches_keep_both_bounds_and_lose_nothing() {
    let half = BATCH_BYTES_MAX / 2;
    let table: [(Vec<usize>, usize, &[usize]); 7] = [
        (vec![], 4, &[]),
        (vec![10; 3], 4, &[3]),
        (vec![10; 9], 4, &[4, 4, 1]),
        (vec![10; 3], 1, &[1, 1, 1]),
        (vec![half, half, 1], 4, &[2, 1]),
        (vec![BATCH_BYTES_MAX + 1, 1, 1], 4, &[1, 2]),
        (vec![1, BATCH_BYTES_MAX + 1, 1], 4, &[1, 1, 1]),
    ];
    for (sizes, messages_max, expected) in table {
        let page: Vec<Row> = sizes.iter().zip(1..).map(|(&bytes, position)| row(position, 0, bytes)).collect();
        let cut: Vec<usize> = batches(&page, messages_max).map(<[Row]>::len).collect();
        assert_eq!(cut, expected);
        assert_eq!(batches(&page, messages_max).flatten().count(), page.len());
    }
}
