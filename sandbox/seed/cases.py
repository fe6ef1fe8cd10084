"""What the first two customers asked support, and what staff did about it: every way a case can look to a customer."""

from __future__ import annotations

from sandbox.clock import Clock
from sandbox.seed.desk import Desk
from sandbox.seed.files import letter_pdf, speed_png
from sandbox.store import Store

DEMO_NUMBER, SECOND_NUMBER = "C-100001", "C-100002"


def plant_cases(store: Store, clock: Clock) -> None:
    """Needs the accounts."""
    demo = Desk(store, clock, DEMO_NUMBER, "demo@example.com")
    second = Desk(store, clock, SECOND_NUMBER, "second@example.com")
    if demo.known:
        for plant in (_router, _plan, _bill, _evenings, _phone, _sim, _check, _system):
            plant(demo)
    if second.known:
        _seconds_own(second)
        _system(second)
    store.insert("meta", key="cases_planted_on", value=clock.today().isoformat())


def _router(desk: Desk) -> None:
    """Closed, long ago."""
    desk.on(62, 9, 12)
    case = desk.open("VPN router does not turn on", "The power light stays dark since this morning.", topic="VPN")
    desk.on(62, 15, 40)
    desk.comment(case, "Please try another socket first. If the light stays dark we send a new one.")
    desk.on(61, 8, 5)
    desk.customer_says(case, "Another socket did it. Thank you!")
    desk.on(61, 10)
    desk.set_status(case, "Closed")


def _plan(desk: Desk) -> None:
    """Staff's own word for closed, with words in Japanese."""
    desk.on(30, 20, 45)
    case = desk.open("プラン変更について", "光回線のプランを変更したいです。手数料はかかりますか。", topic="Internet")
    desk.on(29, 11, 30)
    desk.comment(case, "お問い合わせありがとうございます。変更手数料はかかりません。")
    desk.comment(case, "Family plan since last year, fee waived by the team lead.", published=False)
    desk.on(28, 9)
    desk.set_status(case, "Approved")


def _bill(desk: Desk) -> None:
    """In progress, answered by e-mail: one the customer may read, one among staff, one never sent."""
    desk.on(9, 18, 20)
    case = desk.open("International calls on my bill", "I never called abroad. What are these calls?", topic="Billing")
    desk.on(8, 9, 30)
    desk.set_status(case, "In Progress")
    desk.on(8, 10, 15)
    desk.mail(case, "Your question about international calls", "We have asked the network for the list of the calls.")
    desk.on(8, 10, 20)
    desk.mail(
        case, "FW: call list", "Internal: check for roaming fraud.", visible=False, ToAddress="fraud@sandbox.example"
    )
    desk.on(7, 12, 2)
    desk.mail(case, "Re: Your question", "Thank you, I can wait until next week.", Incoming=True)
    desk.on(6, 16, 45)
    desk.mail(case, "Draft: result", "Draft: the calls were made from your number.", Status="5")


def _evenings(desk: Desk) -> None:
    """Waits for the customer; published and internal comments, a file for the customer and one for staff."""
    desk.on(5, 21, 30)
    case = desk.open(
        "Internet is slow in the evenings",
        "Since last week the connection drops to a few Mbps between 20:00 and 23:00.",
        topic="Internet",
        Priority="High",
    )
    desk.on(4, 10)
    desk.set_status(case, "In Progress")
    desk.comment(case, "Thank you for telling us. We are measuring your line tonight.")
    desk.on(4, 11, 15)
    desk.comment(case, "Internal: third report from this building, see network ticket NW-5521.", published=False)
    desk.on(3, 9, 40)
    desk.file(case, "evening-speed.png", speed_png())
    desk.file(case, "line-report.pdf", letter_pdf("Internal line report NW-5521"), visibility="InternalUsers")
    desk.on(3, 9, 45)
    desk.comment(case, "The picture shows our measurement. Which router do you use, and is it connected by cable?")
    desk.set_status(case, "Awaiting Customer")


def _phone(desk: Desk) -> None:
    """Opened by staff after a call; the customer may read it."""
    desk.on(2, 13, 5)
    case = desk.open("Call: moving house in spring", "Customer asks what to do.", topic=None, origin="Phone")
    desk.set_status(case, "In Progress")
    desk.on(2, 13, 30)
    desk.comment(case, "As promised on the phone: please tell us the new address four weeks before you move.")


def _sim(desk: Desk) -> None:
    """New: nobody has looked at it yet."""
    desk.on(1, 19, 55)
    desk.open("eSIM for a second phone", "Can I use the same number on two phones?", topic="SIM")


def _check(desk: Desk) -> None:
    """Made by the portal for staff, with a mark that is none of a question's: not for the customer."""
    desk.on(40, 9)
    reference = "seed-number-check-of-demo"
    case = desk.open(
        "Number check C-100001", "Compare the facts on file.", topic="Sign-up", Portal_Reference__c=reference
    )
    desk.on(40, 14)
    desk.comment(case, "Facts compared on the phone, all well.")
    desk.set_status(case, "Approved")


def _system(desk: Desk) -> None:
    """Made by the portal for staff, of a hidden origin, still open: not for the customer."""
    desk.on(4, 3)
    case = desk.open(
        "Cancellation to be scheduled", "Hidden: created by a flow.", topic=None, origin="Portal Notification"
    )
    desk.comment(case, "Hidden: line must be returned.")


def _seconds_own(desk: Desk) -> None:
    desk.on(20, 10, 10)
    closed = desk.open("住所変更の手続き", "引っ越しました。住所変更の方法を教えてください。", topic="Other")
    desk.on(19, 9)
    desk.comment(closed, "アカウントの設定ページから変更できます。")
    desk.set_status(closed, "Closed")
    desk.on(2, 17, 25)
    waiting = desk.open("Invoice by post?", "Can I have invoices on paper as well?", topic="Billing")
    desk.on(1, 10, 50)
    desk.comment(waiting, "Yes, for 200 yen a month. Shall we switch it on?")
    desk.file(waiting, "second-paper-bill.pdf", letter_pdf("Paper bill, an example"))
    desk.set_status(waiting, "Awaiting Customer")
