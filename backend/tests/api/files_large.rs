//! Photos that would need much memory.

use kaiwa_shared::FileId;
use reqwest::Method;

use crate::{program::Program, support::TestUser};

const MIB: u64 = 1024 * 1024;

/// How a JPEG is coded.
#[derive(Clone, Copy, Debug)]
struct Coding {
    progressive: bool,
    /// Blocks of brightness for each block of a colour, in both directions.
    sampling: u8,
    /// 1 is grey, 3 is coloured.
    components: u8,
}

/// A grey JPEG of this size.
fn jpeg(width: u16, height: u16, coding: Coding) -> Vec<u8> {
    let Coding { progressive, sampling, components } = coding;
    let mut out = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0];
    out.extend([1; 64]);
    // The frame.
    out.extend([0xff, if progressive { 0xc2 } else { 0xc0 }, 0, 8 + 3 * components, 8]);
    out.extend(height.to_be_bytes().into_iter().chain(width.to_be_bytes()));
    out.push(components);
    for id in 1..=components {
        let blocks = if id == 1 { sampling } else { 1 };
        out.extend([id, (blocks << 4) | blocks, 0]);
    }
    // Two tables with one code each: no change of the brightness, and the end of a block.
    for table in [0x00, 0x10] {
        out.extend([0xff, 0xc4, 0, 20, table, 1]);
        out.extend([0; 16]);
    }
    // The first scan of a progressive one has nothing but the brightness.
    out.extend([0xff, 0xda, 0, 6 + 2 * components, components]);
    out.extend((1..=components).flat_map(|id| [id, 0]));
    out.extend([0, if progressive { 0 } else { 63 }, 0]);
    let blocks = |side: u16| usize::from(side).div_ceil(8 * usize::from(sampling));
    let in_unit = usize::from(sampling).pow(2) + usize::from(components) - 1;
    let bits = blocks(width) * blocks(height) * in_unit * if progressive { 1 } else { 2 };
    out.resize(out.len() + bits / 8, 0);
    out.extend([0xff >> (bits % 8), 0xff, 0xd9]);
    out
}

async fn upload(program: &Program, user: &TestUser, bytes: Vec<u8>) -> (u16, String) {
    let request = program.request(Method::PUT, &format!("/api/files/{}", FileId::new()));
    let response = request.bearer_auth(&user.token).body(bytes).send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.text().await.unwrap())
}

#[cfg(target_os = "linux")]
#[actix_web::test]
async fn a_photo_of_48_megapixels_takes_limited_memory_or_is_refused_before_it_is_decoded() {
    let program = Program::spawn(&[("APP_MODE", "multi")]);
    let user = program.register("ada").await;
    let coloured = Coding { progressive: true, sampling: 1, components: 3 };
    let before = program.memory("VmRSS");
    let grown = || (program.memory("VmHWM") - before) / MIB;
    for (width, height, coding) in [
        (8064, 6048, coloured),
        (6048, 8064, coloured),
        (7000, 7000, coloured),
        (9000, 9000, Coding { sampling: 2, ..coloured }),
        (9000, 9000, Coding { progressive: false, ..coloured }),
        (65_500, 8, Coding { components: 1, ..coloured }),
    ] {
        let (status, problem) = upload(&program, &user, jpeg(width, height, coding)).await;
        assert_eq!(status, 422, "{width} × {height}, {coding:?}: {problem}");
        assert!(problem.contains("picture_too_large"), "{problem}");
    }
    assert!(grown() < 48, "{} MiB for pictures that are refused", grown());
    for (width, height, coding) in [
        (8064, 6048, Coding { sampling: 2, ..coloured }),
        (8064, 6048, Coding { progressive: false, ..coloured }),
    ] {
        let (status, file) = upload(&program, &user, jpeg(width, height, coding)).await;
        assert_eq!(status, 200, "{width} × {height}, {coding:?}: {file}");
        assert!(file.contains("4096"), "{file}");
    }
    assert!(grown() < 400, "{} MiB", grown());
}
