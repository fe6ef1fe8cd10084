"""The address form: what a postal code stands for, a look at a field when it is left, and why it was refused."""

from typing import Literal

import reflex as rx

from portal_app import wiring
from portal_app.domain.address import FIELDS, check_field
from portal_app.domain.postal import read_postal_code
from portal_app.domain.prefectures import PREFECTURES
from portal_app.errors import Busy, NotFound, UpstreamError
from portal_app.security.policy import public, signed_in
from portal_app.state.address_rows import AddressView, AreaRow, Filed, PrefectureRow
from portal_app.state.asking import asking
from portal_app.state.forms import FormState
from portal_app.state.returning import return_to

Code = Literal["", "known", "several", "city", "unknown"]

_PREFECTURES = [PrefectureRow(*names) for names in PREFECTURES.items()]


class AddressState(FormState, rx.State):
    """`code`: how much the postal code says. "city": all but the town. "unknown": everything must be typed.

    `typed` is that postal code, so that a page that is drawn anew shows both or neither.
    """

    filed: Filed = "loading"
    now: AddressView = AddressView()
    back: str = ""
    typed: str = ""
    code: Code = ""
    areas: list[AreaRow] = []
    prefectures: list[PrefectureRow] = []  # only where one must be chosen; few pages need them

    @rx.event
    @signed_in(live="address")
    async def load(self):
        """The address on file, and once what the door had to say."""
        before = self._flash_key
        await self._take_flash()
        if self.values and self._flash_key != before:
            await self._look_up(self.values.get("postal_code", ""))
        self.back = return_to(self)
        me = await asking(self)
        try:
            held = await wiring.addresses().get(me.customer)
        except (NotFound, UpstreamError, Busy, TimeoutError):
            self.filed = "failed" if self.filed == "loading" else self.filed
            return
        now = AddressView.of(held) if held else AddressView()
        if self.filed in ("held", "none") and now != self.now:
            await self._look_up("")  # it was saved: the form begins anew
        self.filed, self.now = "held" if held else "none", now

    @rx.event
    @public
    async def look_up(self, postal_code: str) -> None:
        """Say what the code stands for, while it is typed."""
        await self._look_up(postal_code)

    @rx.event
    @public
    def check(self, field: str, value: str) -> None:
        """Say what is the matter with a field that was filled in; the value is judged and not kept."""
        if field not in FIELDS:
            return
        reason = check_field(field, value) if value.strip() else ""
        if reason != self.errors.get(field, ""):
            others = {name: key for name, key in self.errors.items() if name != field}
            self.errors = others | ({field: reason} if reason else {})

    async def _look_up(self, text: str) -> None:
        self.typed = text[:20]
        known = read_postal_code(self.typed)
        found = await wiring.postal_codes().find(known) if known else ()
        self.areas = [AreaRow.of(area) for area in found]
        self.prefectures = _PREFECTURES if known and not found else []
        if not known:
            self.code = ""
        elif not found:
            self.code = "unknown"
        elif any(not area.town for area in found):
            self.code = "city"
        else:
            self.code = "several" if len(found) > 1 else "known"
