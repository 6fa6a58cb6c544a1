"""The stored form of occurrences."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graphdb.schema import Site, format_sites, parse_sites

_SITES = st.builds(Site, st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**4))


@given(st.lists(_SITES, max_size=5))
def test_sites_survive_their_stored_form(sites: list[Site]) -> None:
    found = parse_sites(format_sites(sites))
    assert found == tuple(sorted(sites))
    assert all(isinstance(site, Site) for site in found)


def test_no_sites_are_stored_as_nothing() -> None:
    assert parse_sites(None) == parse_sites("") == ()
