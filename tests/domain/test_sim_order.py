"""What an approved SIM order asks the network for, and what it says where something is missing."""

from dataclasses import replace

import pytest

from portal_app.domain.catalog import ProductLine
from portal_app.domain.fulfilment import Code, NotFulfillable, billed_lines
from portal_app.domain.sim_order import activation_of, read_use, use_of
from tests.fakes.freebit import CARD, EID
from tests.fakes.sim_orders import DATA, FEE, MOVING, a_card, a_line, a_sim_order, an_esim, moving


def wanted(order, **codes):
    return activation_of(order, billed_lines(order), whmcs_client_id=7, plan_codes=codes.get("codes", {}))


def refusal(order, **codes):
    with pytest.raises(NotFulfillable) as refused:
        wanted(order, **codes)
    return refused.value.code, refused.value.text


@pytest.mark.parametrize(
    ("plan_type", "sku", "use"),
    [
        ("DataSmsVoice", "SIM-DATA-ONLY-5GB", "voice"),
        ("VoiceOnly", "", "voice"),
        ("DataOnly", "SIM-DATA-VOICE-5GB", "data"),
        ("Data + SMS", "", "data_sms"),
        ("", "SIM-DATA-VOICE-5GB", "voice"),
        ("Tablet", "SIM-DATA-SMS-5GB", "data_sms"),
        ("", "sim-data-5gb", "data"),
        ("", "SIM-5GB", None),
    ],
)
def test_a_plan_is_for_what_its_type_says_else_its_sku(plan_type, sku, use):
    assert read_use(plan_type, sku) == use


def test_only_the_plan_itself_says_what_an_order_is_for():
    voice_mail = replace(FEE, number=3, sku="SIM-ADDON-VOICE-MAIL")
    assert use_of(a_sim_order(lines=(a_line(sku=DATA), voice_mail))) == "data"
    assert use_of(a_sim_order(lines=(FEE,))) is None


def test_f13a_an_esim_is_its_eid_its_new_number_and_its_plan():
    found = wanted(a_sim_order(an_esim(eid=f" {EID[:4]}-{EID[4:]} ", product_number=CARD)), codes={"OTHER": "X"})
    assert (found.form, found.use, found.eid, found.product_number) == ("esim", "voice", EID, "")
    assert (found.line.freebit_line_number, found.line.whmcs_client_id) == ("+817000000001", 7)
    assert (found.plan_code, found.port_in, found.start_on) == ("SIM-DATA-VOICE-5GB", None, None)


def test_f13a_a_card_is_its_product_number_and_the_plan_code_that_is_set():
    sku = "SIM-DATA-ONLY-5GB"
    found = wanted(a_sim_order(a_card(product_number="ax 0000000000001", eid=EID), sku=sku), codes={sku: "PNEW_5G"})
    assert (found.form, found.use, found.eid, found.product_number) == ("physical", "data", "", CARD)
    assert found.plan_code == "PNEW_5G"


@pytest.mark.parametrize("wishes", [an_esim(), a_card()], ids=["esim", "card"])
def test_a_number_taken_along_is_the_lines(wishes):
    found = wanted(a_sim_order(moving(wishes, reservation_number="12-0000-0001", last_name_kana="ﾃｽﾄ")))
    assert found.line.freebit_line_number == "+817000000009"
    assert (found.port_in.reservation_number, found.port_in.last_name_kana) == ("1200000001", "テスト")


def test_a_number_that_staff_gave_too_may_only_be_the_same():
    same = replace(moving(an_esim()), phone_number="+81 70 0000 0009")
    assert wanted(a_sim_order(same)).line.freebit_line_number == "+817000000009"
    for other in ("07000000001", "soon"):
        code, text = refusal(a_sim_order(replace(same, phone_number=other)))
        assert code is Code.VALIDATION_ERROR and "not the one" in text


def test_i1_the_same_order_is_the_same_line_also_long_after_its_reservation_ended():
    order = a_sim_order(moving(an_esim(), expires_on=MOVING.expires_on.replace(year=2001)))
    assert wanted(order) == wanted(order)


@pytest.mark.parametrize(
    ("wishes", "text"),
    [
        (an_esim(phone_number=""), "Please fill in the phone number of the line."),
        (a_card(phone_number=" "), "Please fill in the phone number of the line."),
        (a_card(product_number=""), "Please fill in the product number of the card."),
        (moving(a_card(product_number="")), "Please fill in the product number of the card."),
        (
            a_card(product_number="", phone_number=""),
            "Please fill in the product number of the card and the phone number of the line.",
        ),
        (a_card(product_number="AX1"), "Please correct the product number of the card: it cannot be read."),
        (an_esim(phone_number="03-1234-5678"), "Please correct the phone number of the line: it cannot be read."),
    ],
)
def test_f13a_what_staff_have_to_fill_in_is_named(wishes, text):
    assert refusal(a_sim_order(wishes)) == (Code.SIM_STOCK_MISSING, text)


def test_f13a_an_esim_on_a_number_taken_along_waits_for_no_stock():
    assert wanted(a_sim_order(moving(an_esim()))).product_number == ""


@pytest.mark.parametrize(
    ("changed", "about"),
    [
        ({"gender": "other"}, "gender"),
        ({"gender": ""}, "gender"),
        ({"reservation_number": "123"}, "reservation number"),
        ({"expires_on": None}, "last day"),
        ({"last_name": " "}, "last name"),
        ({"first_name": ""}, "first name"),
        ({"last_name_kana": ""}, "last name in katakana"),
        ({"first_name_kana": ""}, "first name in katakana"),
        ({"birth_date": None}, "birth date"),
        ({"phone_number": "090"}, "number to be taken along"),
    ],
)
def test_f13a_a_port_in_that_the_network_would_refuse_is_not_sent(changed, about):
    code, text = refusal(a_sim_order(moving(an_esim(), **changed)))
    assert code is Code.VALIDATION_ERROR and about in text


@pytest.mark.parametrize(
    ("order", "code", "about"),
    [
        (a_sim_order(an_esim(form="")), Code.VALIDATION_ERROR, "neither eSIM nor physical"),
        (a_sim_order(an_esim(eid="")), Code.VALIDATION_ERROR, "EID"),
        (a_sim_order(an_esim(eid=EID[:-1] + "4")), Code.VALIDATION_ERROR, "EID"),
        (a_sim_order(moving(an_esim()), sku=DATA), Code.VALIDATION_ERROR, "voice"),
        (a_sim_order(sku="SIM-5GB"), Code.MAPPING_ERROR, "does not say"),
        (a_sim_order(sku="SIM VOICE 5GB"), Code.MAPPING_ERROR, "plan code"),
        (a_sim_order(sku="SIM-VOICE-" + "X" * 23), Code.MAPPING_ERROR, "plan code"),
        (a_sim_order(line=ProductLine.VPN), Code.VALIDATION_ERROR, "not for a SIM"),
    ],
)
def test_f13a_everything_else_that_is_wrong_is_said_before_anything_is_sent(order, code, about):
    found = refusal(order)
    assert found[0] is code and about in found[1]


def test_lines_without_a_plan_name_no_line():
    order = a_sim_order()
    with pytest.raises(NotFulfillable, match="no line of class Service"):
        activation_of(order, billed_lines(order)[1:], whmcs_client_id=7, plan_codes={})


SECRETS = ("070", "8904", "AX0", "試験", "太郎", "1200000001", "1990")
BROKEN = [
    an_esim(eid=EID[:-1] + "4"),
    a_card(product_number="AX000000000001"),
    an_esim(phone_number="070-0000-000"),
    replace(moving(an_esim()), phone_number="07000000001"),
    *(moving(an_esim(), **{name: None}) for name in ("expires_on", "birth_date")),
    *(moving(an_esim(), **{name: "x"}) for name in ("gender", "reservation_number", "phone_number")),
]


@pytest.mark.parametrize("wishes", BROKEN, ids=range(len(BROKEN)))
def test_no_sentence_repeats_a_value(wishes):
    text = refusal(a_sim_order(wishes))[1]
    assert not [secret for secret in SECRETS if secret in text]
    assert not [secret for secret in SECRETS if secret in repr(a_sim_order(wishes))]
