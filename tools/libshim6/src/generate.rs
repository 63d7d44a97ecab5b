// SPDX-License-Identifier: MIT OR GPL-2.0
//! Making an HBA set (RFC 5535 section 6) with all processors.

use rustix::rand::{getrandom, GetRandomFlags};
use shim6_core::addr::Prefix;
use shim6_core::cga::{GenerateError, Search, Sec};
use shim6_core::hba::{self, HbaSet, Key, NonceKey, NONCE_LEN};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Modifiers that a worker tries between two looks at the others: about 10 ms of work.
const STEP: u32 = 1 << 14;

/// Time between two reports of progress.
const REPORT: Duration = Duration::from_millis(500);

/// Makes a set with one address for each of `prefixes`. `progress` is told twice a second how many modifiers were tried;
/// [`Sec::expected_tries`] is their mean number.
pub fn generate(
    prefixes: &[Prefix],
    sec: Sec,
    mut progress: impl FnMut(u64),
) -> Result<HbaSet, GenerateError> {
    let nonce = NonceKey::new(random::<NONCE_LEN>());
    let search = hba::search(prefixes, sec, Key::Nonce(&nonce), random())?;
    let workers = if sec.get() == 0 {
        1
    } else {
        thread::available_parallelism().map_or(1, NonZero::get)
    };
    HbaSet::from_search(search_all(&search, workers, &mut progress))
}

/// Searches with several workers until one has found.
fn search_all(search: &Search, workers: usize, progress: &mut dyn FnMut(u64)) -> Search {
    let (is_over, tried) = (AtomicBool::new(false), AtomicU64::new(0));
    let (sender, found) = mpsc::channel();
    thread::scope(|scope| {
        for worker in 0..workers {
            let (sender, is_over, tried) = (sender.clone(), &is_over, &tried);
            let mut share = search.share(u32::try_from(worker).unwrap_or(u32::MAX));
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    if share.run(STEP) {
                        is_over.store(true, Ordering::Relaxed);
                        // Nobody receives the second of two that find at once.
                        let _ = sender.send(share);
                        return;
                    }
                    tried.fetch_add(u64::from(STEP), Ordering::Relaxed);
                }
            });
        }
        loop {
            match found.recv_timeout(REPORT) {
                Ok(share) => return share,
                Err(_) => progress(tried.load(Ordering::Relaxed)),
            }
        }
    })
}

/// Random octets of the kernel's generator.
fn random<const N: usize>() -> [u8; N] {
    let mut octets = [0; N];
    let mut filled = 0;
    while let Some(rest) = octets.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match getrandom(rest, GetRandomFlags::empty()) {
            Ok(count) => filled += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => panic!("the kernel has no random octets: {error}"),
        }
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;
    use shim6_core::cga::Pds;

    const PREFIXES: [Prefix; 2] = [
        [0x20, 1, 0xd, 0xb8, 0, 0xa, 0, 1],
        [0x20, 1, 0xd, 0xb8, 0, 0xb, 0, 1],
    ];

    #[test]
    fn a_set_of_sec_1_found_by_all_processors_verifies() {
        let set = generate(&PREFIXES, Sec::new(1).expect("1 is a Sec"), |_| {}).expect("a set");
        let pds = Pds::parse(set.pds()).expect("a structure");
        assert_eq!(set.addresses().len(), 2);
        for address in set.addresses() {
            assert_eq!(hba::verify(*address, &pds), Ok(()));
            assert_eq!(address.interface_id()[0] >> 5, 1);
        }
    }

    #[test]
    fn two_sets_of_the_same_prefixes_differ() {
        let set = || generate(&PREFIXES, Sec::default(), |_| {}).expect("a set");
        assert_ne!(set().addresses(), set().addresses());
    }

    #[test]
    fn a_prefix_given_twice_is_refused() {
        let twice = [PREFIXES[0], PREFIXES[0]];
        assert_eq!(
            generate(&twice, Sec::default(), |_| {}),
            Err(GenerateError::Prefix(1))
        );
    }
}
