//! Which addresses are on the public internet.
//!
//! The tables follow IANA's registries of special-purpose addresses (RFC 6890 and its updates). Reachable ranges that
//! serve no web pages (protocol assignments, relays) count as not public, because a wrong refusal is only an error
//! message and a wrong permission is a security hole.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Blocks of IPv4 that are not public: first address and length of the prefix.
const IPV4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),        // this network
    ([10, 0, 0, 0], 8),       // private use
    ([100, 64, 0, 0], 10),    // shared address space of carriers; a cloud's metadata service lies here too
    ([127, 0, 0, 0], 8),      // loopback
    ([168, 63, 129, 16], 32), // Azure's metadata service, at an address that is not reserved
    ([169, 254, 0, 0], 16),   // link-local, metadata services of most clouds
    ([172, 16, 0, 0], 12),    // private use
    ([192, 0, 0, 0], 24),     // protocol assignments
    ([192, 0, 2, 0], 24),     // documentation
    ([192, 88, 99, 0], 24),   // relays of 6to4, deprecated
    ([192, 168, 0, 0], 16),   // private use
    ([198, 18, 0, 0], 15),    // benchmarks
    ([198, 51, 100, 0], 24),  // documentation
    ([203, 0, 113, 0], 24),   // documentation
    ([224, 0, 0, 0], 4),      // multicast
    ([240, 0, 0, 0], 4),      // reserved, and the broadcast address
];

/// Blocks within `2000::/3`, the global unicast space, that are not public.
const IPV6: &[([u16; 3], u32)] = &[
    ([0x2001, 0, 0], 23),     // protocol assignments; Teredo is `2001::/32`
    ([0x2001, 0xdb8, 0], 32), // documentation
    ([0x3fff, 0, 0], 20),     // documentation
];

/// Whether an address is on the public internet. An IPv6 address that embeds an IPv4 address is as public as that
/// address.
pub fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => is_global_v6(address),
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !IPV4.iter().any(|&(block, length)| {
        let mask = u32::MAX << (32 - length);
        bits & mask == u32::from_be_bytes(block)
    })
}

fn is_global_v6(address: Ipv6Addr) -> bool {
    if let Some(embedded) = embedded_v4(address) {
        return is_global_v4(embedded);
    }
    let bits = address.to_bits();
    let in_block = |block: [u16; 3], length: u32| {
        let [a, b, c] = block;
        let block = Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).to_bits();
        bits & (u128::MAX << (128 - length)) == block
    };
    in_block([0x2000, 0, 0], 3) && !IPV6.iter().any(|&(block, length)| in_block(block, length))
}

/// The IPv4 address that is embedded in an IPv6 address, in the forms that are routed by it: mapped
/// (`::ffff:0:0/96`), NAT64 (`64:ff9b::/96`) and 6to4 (`2002::/16`). IPv4-compatible (`::/96`), local NAT64 and
/// Teredo addresses are never public.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn global(text: &str) -> bool {
        is_global(text.parse().unwrap())
    }

    #[test]
    fn reserved_addresses_are_not_public() {
        for address in [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "169.254.170.2",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:a9fe:a9fe",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::808:808",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:db8::1",
            "2001:10::1",
            "3fff::1",
            "5f00::1",
            "100::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!global(address), "{address} is not public");
        }
    }

    #[test]
    fn common_public_addresses_are_public() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "168.63.129.17",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::6810:84e5",
            "2400:3200::1",
            "2a00:1450:4001:82a::200e",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "2001:200::1",
        ] {
            assert!(global(address), "{address} is public");
        }
    }

    proptest! {
        /// Embedding an IPv4 address in an IPv6 address never makes it more public.
        #[test]
        fn an_embedded_address_is_never_more_public_than_itself(bits: u32, rest: u64) {
            let plain = is_global_v4(Ipv4Addr::from_bits(bits));
            let low = u128::from(bits);
            for embedded in [
                low,
                0xffff << 32 | low,
                0x64_ff9b << 96 | low,
                0x2002 << 112 | low << 80 | u128::from(rest),
            ] {
                prop_assert!(plain || !is_global_v6(Ipv6Addr::from_bits(embedded)));
            }
        }
    }
}
