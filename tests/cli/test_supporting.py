"""`case-posts`: what waits for Salesforce and what it refused, and never a word of it."""

from portal_app import cli, settings, wiring
from portal_app.domain.customer import Customer
from portal_app.storage.case_posts import PostContent

CASE = "500000000000001AAA"
MINE = Customer("user-1", 1004, "001000000000001AAA")


async def shown(capsys) -> list[str]:
    asked = cli.commands._parser().parse_args(["case-posts"])
    assert await asked.run(settings.load(), asked) == 0
    return capsys.readouterr().out.splitlines()


async def test_i2_who_runs_the_portal_sees_what_waits_and_what_was_refused_but_no_text(migrated, capsys):
    assert await shown(capsys) == ["0 wait, 0 were refused lately."]
    async with wiring.opened(settings.load()):
        posts, db = wiring.case_posts(), wiring.database()
        written = (("d1", "comment", CASE), ("d2", "open", ""), ("d3", "comment", CASE), ("d4", "close", CASE))
        for name, kind, case in written:
            async with db.write() as tx:
                post_id = f"00000000-0000-4000-8000-0000000000{name}"
                await posts.add_in(tx, MINE, post_id, kind, case, PostContent(body=f"Canary {name}"))
        async with db.write() as tx:
            await posts.refuse_in(tx, "00000000-0000-4000-8000-0000000000d1", "validation", told=False)
        await posts.not_sent("00000000-0000-4000-8000-0000000000d2")
        await posts.posted("00000000-0000-4000-8000-0000000000d3", CASE)
    *lines, last = await shown(capsys)
    assert [line.split()[:2] for line in lines] == [
        ["waits", "open"],
        ["files", "comment"],
        ["sent", "close"],
        ["refused", "comment"],
    ]
    assert CASE in lines[1] and lines[3].endswith("validation") and last == "3 wait, 1 were refused lately."
    assert "Canary" not in str(lines)
