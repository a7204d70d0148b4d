//! Every adapter's recordings, whole and split at every byte.

use std::{collections::BTreeSet, fs};

use proptest::prelude::*;

use crate::{
    adapter::Adapter,
    adapters,
    reply::Reply,
    scenario::{ALL, Scenario},
};

/// Each recording of a body with status 200, and its expected reply.
fn each(mut check: impl FnMut(&Adapter, Scenario, &[u8], Reply)) {
    for adapter in adapters() {
        for scenario in ALL {
            if let Some(expected) = adapter.expected(scenario)
                && scenario.refusal_status().is_none()
            {
                check(&adapter, scenario, &adapter.recording(scenario), expected);
            }
        }
    }
}

#[test]
fn every_scenario_gives_the_same_reply_through_every_adapter() {
    each(|adapter, scenario, bytes, expected| {
        let mut reply = Reply::of(adapter.read([bytes]));
        if scenario != Scenario::ProviderBlock {
            reply = reply.without_provider_blocks();
        }
        if scenario != Scenario::Usage {
            reply.usage = expected.usage;
        }
        assert_eq!(reply, expected, "{} {scenario:?}", adapter.name);
    });
}

#[test]
fn every_recording_is_read_and_every_scenario_covered() {
    for adapter in adapters() {
        let wanted: BTreeSet<String> = ALL
            .into_iter()
            .filter(|&scenario| adapter.expected(scenario).is_some())
            .map(|scenario| adapter.file(scenario))
            .collect();
        let found: BTreeSet<String> = fs::read_dir(adapter.folder())
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(found, wanted, "{}", adapter.name);
    }
}

#[test]
fn a_split_at_any_byte_changes_nothing() {
    each(|adapter, scenario, bytes, _| {
        let whole = adapter.read([bytes]);
        for cut in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            assert_eq!(adapter.read([head, tail]), whole, "{} {scenario:?} cut at {cut}", adapter.name);
        }
        assert_eq!(adapter.read(bytes.chunks(1)), whole, "{} {scenario:?} byte by byte", adapter.name);
    });
}

#[test]
fn line_ends_comments_and_a_byte_order_mark_change_nothing() {
    each(|adapter, scenario, bytes, _| {
        if scenario.is_whole_body() {
            return;
        }
        let whole = adapter.read([bytes]);
        let lines: Vec<&[u8]> =
            bytes.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
        for line_end in [b"\n".as_slice(), b"\r\n", b"\r"] {
            let mut other = b"\xef\xbb\xbf".to_vec();
            for line in &lines {
                if adapter.extension == "sse" {
                    other.extend([b": keep-alive", line_end].concat());
                }
                other.extend([line, line_end].concat());
            }
            let read = adapter.read(other.chunks(7));
            assert_eq!(read, whole, "{} {scenario:?} with {line_end:?}", adapter.name);
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_splits_change_nothing(cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
        each(|adapter, scenario, bytes, _| {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect();
            assert_eq!(adapter.read(pieces), adapter.read([bytes]), "{} {scenario:?}", adapter.name);
        });
    }
}
