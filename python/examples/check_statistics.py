"""Computes every published figure again from an export in Parquet, with scipy and statsmodels and no code of sendlens.

    sendlens export --to export --format parquet
    python check_statistics.py export                  # the shares in theme_shares.parquet
    python check_statistics.py export corpus           # and groups, trends and peers, as the data directory answers them

`docs/method.md` has the formulas. Where a figure differs, the check ends with an error that names it.
"""

from __future__ import annotations

import functools
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

RATES = Path(__file__).resolve().parents[2] / "corpus" / "error-rates.json"
FORMAL = ["significant_weakness", "area_for_development", "priority_action", "area_for_improvement"]
CAN_FLAG = ["outcome_letter", "area_send_full"]
MIN_LETTERS, MIN_YEARS, MIN_PEERS = 10, 3, 5


class Export:
    """The letters that can flag a theme, and which themes they flag."""

    def __init__(self, folder: str | Path) -> None:
        read = lambda name: pd.read_parquet(Path(folder) / f"{name}.parquet")  # noqa: E731
        letters = read("letters")
        self.letters = letters[letters["kind"].isin(CAN_FLAG)].set_index("id")
        codes = read("finding_themes")
        self.flags = codes[codes["role"].isin(FORMAL)][["letter_id", "theme"]].drop_duplicates()
        self.themes = list(read("themes")["id"])
        self.shares = read("theme_shares")
        self.neighbours = read("neighbours")
        formal = read("findings")
        formal = formal[formal["role"].isin(FORMAL)]
        by_people = formal.groupby("letter_id")["coded_by"].agg(lambda coders: (coders == "human").all())
        self.by_people = set(by_people.index[by_people])

    def flagged(self, theme: str, letters: pd.Index) -> set[str]:
        """Which of these letters flag the theme."""
        return set(self.flags.loc[self.flags["theme"] == theme, "letter_id"]) & set(letters)


def same(name: str, published: float | None, computed: float | None, tolerance: float = 1e-9) -> None:
    missing = pd.isna(published), computed is None or pd.isna(computed)
    if any(missing):
        assert all(missing), f"{name}: {published} was published, {computed} computed"
        return
    assert abs(published - computed) <= tolerance, f"{name}: {published} was published, {computed} computed"


def check_share(name: str, row: dict, count: int, total: int) -> None:
    """Checks counts, share and Wilson interval."""
    assert (row["letters"], row["of_letters"]) == (count, total), f"{name}: {count} of {total} were counted"
    low, high = proportion_confint(count, total, method="wilson") if total else (None, None)
    same(f"{name}, share", row["share"], count / total if total else None)
    same(f"{name}, low", row["low"], low)
    same(f"{name}, high", row["high"], high)


# The program makes 2,000 draws, so the part of all draws below an end of its interval differs from 2.5% or 97.5% by
# chance: by no more than this, four standard errors.
CHANCE = 4 * (0.025 * 0.975 / 2_000) ** 0.5


# The grid of the program: means evenly spaced in log odds, spreads from 0 to 1.
MEANS, FARTHEST, SPREADS = 60, 6.5, 20


class Population:
    """The beta distributions that a rate of all themes may come from, with their weights: Gelman and others' (2013)
    posterior of mean and spread, given the counts of each theme."""

    def __init__(self, counts: list[tuple[int, int]]) -> None:
        odds = FARTHEST * (2 * (np.arange(MEANS) + 0.5) / MEANS - 1)
        mean, spread = np.meshgrid(special.expit(odds), (np.arange(SPREADS) + 0.5) / SPREADS)
        self.alpha, self.beta = (mean / spread**2).ravel(), ((1 - mean) / spread**2).ravel()
        # Uniform in the mean and in the spread, which is (alpha + beta)^(-1/2).
        log = np.log(mean * (1 - mean)).ravel()
        for x, n in counts:
            log += special.betaln(self.alpha + x, self.beta + n - x) - special.betaln(self.alpha, self.beta)
        self.weight = np.exp(log - log.max()) / np.exp(log - log.max()).sum()

    def expected(self, x: int, n: int) -> float:
        return float((self.weight * (self.alpha + x) / (self.alpha + self.beta + n)).sum())

    def draw(self, x: int, n: int, draws: np.random.Generator, size: int) -> np.ndarray:
        at = draws.choice(len(self.weight), size, p=self.weight)
        return draws.beta(self.alpha[at] + x, self.beta[at] + n - x)


@functools.cache
def populations() -> tuple[dict, Population, Population]:
    rates = json.loads(RATES.read_text())["flagged"]
    found = Population([(counts["has_coded"], counts["has"]) for counts in rates.values()])
    added = Population([(counts["has_not_coded"], counts["has_not"]) for counts in rates.values()])
    return rates, found, added


@functools.cache
def corrected(theme: str, coded: int, of: int, known: int, of_known: int) -> tuple[float, list[float]]:
    """Rogan and Gladen's share, and between which values the ends of the middle 95% of draws from the distributions of
    all its parts lie: the lowest and highest lower end, the lowest and highest upper end."""
    rates, found, added = populations()
    own = rates[theme]
    yes, no = (own["has_coded"], own["has"]), (own["has_not_coded"], own["has_not"])
    weight = of / (of + of_known)
    sensitivity, false_alarms = found.expected(*yes), added.expected(*no)
    share = weight * np.clip((coded / of - false_alarms) / (sensitivity - false_alarms), 0, 1) + known / (of + of_known)
    draws = np.random.default_rng(1978)
    beta = lambda count, total: draws.beta(count + 1, total - count + 1, size=100_000)  # noqa: E731
    sensitivities, added_rates = found.draw(*yes, draws, 100_000), added.draw(*no, draws, 100_000)
    informed = sensitivities - added_rates > 0.05
    shares = np.clip((beta(coded, of) - added_rates) / np.where(informed, sensitivities - added_rates, 1), 0, 1)
    shares = weight * shares + ((1 - weight) * beta(known, of_known) if of_known else 0)
    parts = [0.025 - CHANCE, 0.025 + CHANCE, 0.975 - CHANCE, 0.975 + CHANCE]
    ends = np.quantile(shares[informed], parts)
    return share, [*np.minimum(ends[:2], share), *np.maximum(ends[2:], share)]


def check_corrected(name: str, row: dict, export: Export, flagged: set[str], letters: pd.Index) -> bool:
    """Checks the corrected share, or that there is a reason for having none. Gives whether there is one."""
    if pd.isna(row["adjusted_share"]):
        assert row["not_adjusted"], f"{name} has no corrected share and no reason"
        return False
    known = set(letters) & export.by_people
    if known == set(letters):
        low, high = proportion_confint(len(flagged), len(letters), method="wilson")
        share, ends, basis = len(flagged) / len(letters), [low, low, high, high], 0
    else:
        share, ends = corrected(
            row["theme"], len(flagged - known), len(letters) - len(known), len(flagged & known), len(known)
        )
        own = populations()[0][row["theme"]]
        basis = own["has"] + own["has_not"]
    assert row["error_basis"] == basis, f"{name}: error basis"
    same(f"{name}, corrected share", row["adjusted_share"], share)
    for end, lowest, highest in (("low", *ends[:2]), ("high", *ends[2:])):
        published = row[f"adjusted_{end}"]
        fits = lowest - 1e-6 <= published <= highest + 1e-6
        assert fits, f"{name}, corrected {end}: {published} was published, {lowest} to {highest} computed"
    return True


def check_shares(export: Export) -> tuple[int, int]:
    """Checks every row of theme_shares. Gives how many there are, and how many are corrected."""
    rows, with_correction = export.shares.to_dict("records"), 0
    for row in rows:
        letters = export.letters.index[export.letters["framework"] == row["value"]]
        flagged = export.flagged(row["theme"], letters)
        name = f"{row['theme']} under {row['value']}"
        check_share(name, row, len(flagged), len(letters))
        with_correction += check_corrected(name, row, export, flagged, letters)
    return len(rows), with_correction


def groups(export: Export, framework: str, by: str) -> dict[str, pd.Index]:
    letters = export.letters[export.letters["framework"] == framework]
    keys = pd.to_datetime(letters["inspection_start"]).dt.year.astype(str) if by == "year" else letters[by]
    return {str(key): index for key, index in letters.groupby(keys).groups.items()}


def check_groups(export: Export, dataset, framework: str, by: str) -> int:
    """Groups against all other letters: Fisher's exact test, then Benjamini and Hochberg."""
    answer = dataset.themes(by=by, framework=framework)
    members = groups(export, framework, by)
    total = sum(map(len, members.values()))
    p_values, directions = {}, {}
    for theme in export.themes:
        counts = {group: len(export.flagged(theme, letters)) for group, letters in members.items()}
        everywhere = sum(counts.values())
        for group, letters in members.items():
            rest = total - len(letters)
            if everywhere and len(letters) >= MIN_LETTERS and rest >= MIN_LETTERS:
                table = [[counts[group], len(letters) - counts[group]]]
                table.append([everywhere - counts[group], rest - (everywhere - counts[group])])
                p_values[theme, group] = stats.fisher_exact(table).pvalue
                above = counts[group] / len(letters) > (everywhere - counts[group]) / rest
                directions[theme, group] = "above" if above else "below"
    clear = dict(zip(p_values, adjusted(p_values.values()) < 0.05, strict=True))
    assert answer.attrs["compared"] == len(p_values)
    for row in answer.to_dict("records"):
        key = row["theme"], row["value"]
        check_share(f"{key}", row, len(export.flagged(row["theme"], members[row["value"]])), len(members[row["value"]]))
        wanted = (directions[key] if clear[key] else "could_be_chance") if key in clear else None
        published = None if pd.isna(row["stands_out"]) else row["stands_out"]
        assert published == wanted, f"{key}: {published} was published, {wanted} computed"
    return len(answer)


def adjusted(p_values) -> np.ndarray:
    p_values = list(p_values)
    return multipletests(p_values, method="fdr_bh")[1] if p_values else np.array([])


def check_trends(export: Export, dataset, framework: str) -> int:
    """Armitage's test over the years, with half a letter and year for continuity, then Benjamini and Hochberg."""
    published = {trend["theme"]: trend for trend in dataset.themes(by="year", framework=framework).attrs["trends"]}
    years = {int(y): letters for y, letters in groups(export, framework, "year").items() if len(letters) >= MIN_LETTERS}
    found = {}
    if len(years) >= MIN_YEARS:
        t, n = np.array(list(years)), np.array([len(letters) for letters in years.values()])
        for theme in export.themes:
            x = np.array([len(export.flagged(theme, letters)) for letters in years.values()])
            p, centred = x.sum() / n.sum(), t - (t * n).sum() / n.sum()
            variance = p * (1 - p) * (n * centred**2).sum()
            if variance > 0:
                top = (centred * (x - n * p)).sum()
                found[theme] = top / variance**0.5, 2 * stats.norm.sf(max(abs(top) - 0.5, 0) / variance**0.5)
    assert set(published) == set(found)
    for (theme, (z, p)), adjusted_p in zip(found.items(), adjusted(p for _, p in found.values()), strict=True):
        trend = published[theme]
        same(f"trend of {theme}, z", trend["z"], z, 1e-6)
        same(f"trend of {theme}, p", trend["p"], p, 1e-6)
        same(f"trend of {theme}, adjusted p", trend["adjusted_p"], adjusted_p, 1e-6)
        assert trend["compared"] == len(found)
        assert (trend["direction"] != "no_clear_trend") == (adjusted_p < 0.05)
    return len(found)


def check_peers(export: Export, dataset, la_code: str) -> int:
    """Peers against England: Newcombe's interval of the peers against the rest, weighted; Fisher's exact test."""
    answer = dataset.peers(la_code)
    neighbours = set(export.neighbours.loc[export.neighbours["la_code"] == la_code, "neighbour"])
    of_area = export.letters["la_code"]
    everywhere = set(of_area)
    peers = neighbours & everywhere
    rest = everywhere - peers
    p_values = {}
    for row in answer.to_dict("records"):
        name = f"peers of {la_code}, {row['theme']}"
        flagged = set(of_area[list(export.flagged(row["theme"], export.letters.index))])
        here, there = len(flagged & peers), len(flagged & rest)
        assert (row["peers_flagged"], row["of_peers"]) == (here, len(peers)), name
        assert (row["national_flagged"], row["of_areas"]) == (here + there, len(everywhere)), name
        if peers and rest:
            low, high = confint_proportions_2indep(here, len(peers), there, len(rest), method="newcomb")
            weight = len(rest) / len(everywhere)
            same(f"{name}, difference", row["difference"], here / len(peers) - len(flagged) / len(everywhere))
            same(f"{name}, difference low", row["difference_low"], low * weight)
            same(f"{name}, difference high", row["difference_high"], high * weight)
            if len(peers) >= MIN_PEERS:
                table = [[here, len(peers) - here], [there, len(rest) - there]]
                p_values[row["theme"]] = stats.fisher_exact(table).pvalue
    clear = dict(zip(p_values, adjusted(p_values.values()) < 0.05, strict=True))
    for row in answer.to_dict("records"):
        marked = row["stands_out"] in ("above", "below")
        assert marked == bool(clear.get(row["theme"], False)), f"peers of {la_code}, {row['theme']}: marked"
    return len(answer)


def check(folder: str | Path, data: str | Path | None = None) -> str:
    """Computes everything again, and gives what was checked, in words."""
    export = Export(folder)
    shares, with_correction = check_shares(export)
    said = f"{shares} shares, {with_correction} of them corrected"
    if data is None:
        return said
    import sendlens

    dataset = sendlens.Dataset(data)
    frameworks = sorted(set(export.letters["framework"]))
    in_groups = sum(check_groups(export, dataset, f, by) for f in frameworks for by in ("region", "la_type", "outcome"))
    trends = sum(check_trends(export, dataset, framework) for framework in frameworks)
    peers = sum(check_peers(export, dataset, code) for code in sorted(set(export.letters["la_code"]))[:20])
    return f"{said}; {in_groups} shares of groups, {trends} trends, {peers} comparisons of peers"


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    print(f"The same figures: {check(*sys.argv[1:])}.")
