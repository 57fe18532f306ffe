"""The only page."""

import re

from tests.house_for_tests import House


async def test_the_documentation_page_asks_nothing_of_any_other_server(house: House) -> None:
    caller = house.caller()
    page = await caller.get("/docs")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) >= 3
    for address in addresses:
        assert address.startswith("/docs/files/")
        assert (await caller.get(address)).status_code == 200
    assert "//cdn" not in page.text
