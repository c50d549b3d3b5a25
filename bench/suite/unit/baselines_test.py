"""What becomes of the reports of the baselines."""

import unittest

from made_up import SUITE, baseline_run, report, whole_run  # first: it knows where the suite is
from seatsaga_bench import baselines, documents, text
from seatsaga_bench.baseline_tables import baseline_tables
from seatsaga_bench.targets import targets
from seatsaga_bench.results import Results


class Baselines(unittest.TestCase):
    def test_each_has_a_name_and_seatsagas_work_beside_it_at_the_same_levels(self):
        self.assertEqual(set(baselines.SAME_WORK), set(baselines.NAMES))
        for _, entrants in baselines.SCHEDULE:
            ours = [scenario for system, scenario in entrants if system == "seatsaga"]
            self.assertEqual(len(ours), 1)
            for system, scenario in entrants:
                if system == "postgres":
                    self.assertEqual(baselines.SAME_WORK[scenario], ours[0])

    def test_a_ratio_is_the_median_of_its_rounds(self):
        found = baselines.summarised({
            ("seatsaga", "happy", 16): [report(rate=r) for r in (1000, 3000, 900)],
            ("postgres", "hot_event", 16): [report(rate=r) for r in (500, 1000, 100)]})
        self.assertEqual(found["ratios"], {"hot_event": {"16": 3}})
        self.assertEqual([r["rate_per_s"] for r in found["postgres"]], [500])
        self.assertEqual(found["postgres"][0]["rate_per_s_of_each_round"], [500, 1000, 100])

    def test_the_targets_are_those_at_128(self):
        facts = {"baselines": baseline_run()}
        found = {t["what"]: (t["value"], t["at_least"], t["met"]) for t in targets(Results(), facts)}
        self.assertEqual(found, {
            "rate / today's one transaction, 128 in flight": (2.0, 1.0, True),
            "rate / today's with a hot event row, 128 in flight": (4.0, 5.0, False)})

    def test_its_tables_say_what_was_found(self):
        output = whole_run() | {"baselines": baseline_run()}
        tables = baseline_tables(output)
        self.assertIn("| one transaction, hot event row | 1.00 | 2.00 | 4.00 |",
                      tables["baselines-ratios"])
        self.assertIn("| two-phase commit | 1,000 · 2.0 · 4.0 | 1,000", tables["baselines-rates"])
        self.assertIn("63 reservations in doubt (20 of them decided), 61 seats", tables["baselines-killed"])
        self.assertIn("0 PENDING, 5,000 of 5,000", tables["baselines-killed"])
        self.assertIn("two-phase commit", text.render(output))
        self.assertNotIn("two-phase commit", text.render(whole_run()))

    def test_the_repositorys_page_has_all_sections(self):
        page = SUITE.parent.parent / "docs" / "performance-baselines.md"
        output = whole_run() | {"baselines": baseline_run()}
        documents.fill(page.read_text(encoding="utf-8"), baseline_tables(output))


if __name__ == "__main__":
    unittest.main()
