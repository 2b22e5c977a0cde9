"""Where each kind of rule is worked by hand: a test that holds it, by file and name. Every class has one."""

HAND_EXAMPLES = {
    "AboveAtEntry": "test_ratings_by_hand.py::test_the_population_above_remission_at_entry",
    "Remission": "test_ratings_by_hand.py::test_golden_vectors",
    "Response": "test_ratings_by_hand.py::test_golden_vectors",
    "Retention": "test_retention.py::test_a_stop_on_the_day_is_too_early_and_follow_up_to_the_day_suffices",
    "SeizureFreedom": "test_freedom_by_hand.py::test_the_boy_relapses_after_ten_months",
    "SeizureResponse": "test_seizure_rates_by_hand.py::test_g5_exactly_half_is_a_response_with_at_least_only",
}
