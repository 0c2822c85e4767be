//! Schedules where no other system has them, and plateaus.

use optim::{
    CosineDecayLr, OneCycleLr, PerEpochLr, Plateau, PolynomialDecayLr, RangeLr, Schedule, WarmUpLr,
};

#[test]
fn a_range_rises_by_a_constant_factor() {
    let range = RangeLr::new(1e-4, 1.0, 8).unwrap();
    for (steps, rate) in [(0, 1e-4), (2, 1e-3), (4, 1e-2), (8, 1.0), (100, 1.0)] {
        assert!((range.at(steps) / rate - 1.0).abs() < 1e-12, "{steps}: {}", range.at(steps));
    }
}

#[test]
fn a_warm_up_composes_with_any_schedule() {
    let cosine = || CosineDecayLr::new(0.0, 0.1, 20).unwrap();
    let warm = WarmUpLr::new(5, PerEpochLr::new(4, cosine()).unwrap()).unwrap();
    assert_eq!(warm.at(0), 0.0);
    assert!((warm.at(1) - 0.02).abs() < 1e-15);
    for steps in 0..50 {
        assert_eq!(warm.at(5 + steps), cosine().at(steps / 4));
    }
}

#[test]
fn one_cycle_stays_within_its_rates_for_any_number_of_steps() {
    for total in 1..40 {
        for rising in [0.01, 0.3, 0.99] {
            let schedule = OneCycleLr::new(0.5, total).unwrap().rising(rising).unwrap();
            for steps in 0..total + 5 {
                let rate = schedule.at(steps);
                assert!(
                    (0.5 / 250_001.0..=0.5).contains(&rate),
                    "{total} {rising} {steps}: {rate}"
                );
            }
        }
    }
}

/// As many steps as can be counted do not overflow.
#[test]
fn a_polynomial_without_an_end_does_not_overflow() {
    let schedule = PolynomialDecayLr::new(0.1, 0.0, 10, 1.0).unwrap().update_decay_steps(true);
    assert_eq!(schedule.at(u64::MAX), 0.0);
}

/// The scores, and after which of them MindSpore's `ReduceLROnPlateau` of the same patience and
/// cooldown reduces the rate: its rule, followed by hand.
#[test]
fn plateaus_are_found() {
    let reduced = |mut plateau: Plateau, scores: &[f64]| -> Vec<usize> {
        let after = |(i, &score)| plateau.reduces(score).then_some(i);
        scores.iter().enumerate().filter_map(after).collect()
    };
    let plateau = |patience| Plateau::new(0.5).unwrap().patience(patience);
    let scores = [5.0, 4.0, 4.0, 4.0, 4.0, 3.0, 3.0, 3.0, 3.0];
    assert_eq!(reduced(plateau(2), &scores), [3, 7]);
    assert_eq!(reduced(plateau(1), &scores), [2, 3, 4, 6, 7, 8]);
    assert_eq!(reduced(plateau(0), &scores), [2, 3, 4, 6, 7, 8]);
    assert_eq!(reduced(plateau(1).cooldown(2), &scores), [2, 4, 6, 8]);
    assert_eq!(reduced(plateau(2).larger_is_better(true), &scores), [2, 4, 6, 8]);
    let slowly = [1.0, 0.99, 0.98, 0.97];
    assert_eq!(reduced(plateau(1), &slowly), [0_usize; 0]);
    assert_eq!(reduced(plateau(1).min_delta(0.1).unwrap(), &slowly), [1, 2, 3]);
    assert_eq!(reduced(plateau(2), &[f64::NAN, 1.0, f64::NAN, f64::NAN]), [3]);
}
