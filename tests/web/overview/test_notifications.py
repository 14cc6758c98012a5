"""People are told once, in the app and, where they wish, by mail."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from smtplib import SMTPRecipientsRefused

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail import EmailMessage

from jicha_web import notices
from jicha_web.core import Text
from jicha_web.overview import notifying
from jicha_web.overview.models import Notification
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.django_db


def tell(world: World, *names: str, kind: str = "case_late", once: str = "1", url: str = "/cases/") -> None:
    notices.notify(
        people=[world.people[n] for n in names], kind=kind, text=Text("工单逾期", "A case is late"), url=url, once=once,
        at=NOW,
    )  # fmt: skip


def with_mail(world: World, name: str, language: str = "zh-hans") -> None:
    person = world.people[name]
    person.email, person.language = f"{name}@example.org", language
    person.save(update_fields=["email", "language"])


def test_told_once(world: World) -> None:
    tell(world, "city", "county_a")
    tell(world, "city")
    tell(world, "city", once="2")
    assert Notification.objects.filter(person=world.people["city"]).count() == 2
    assert Notification.objects.filter(person=world.people["county_a"]).count() == 1


def test_the_bell_counts_and_reading_empties_it(world: World) -> None:
    tell(world, "city")
    client = world.client("city")
    assert 'class="count">1<' in client.get("/jobs/").content.decode()
    one = Notification.objects.get()
    assert client.get(f"/notifications/{one.pk}/").headers["Location"] == "/cases/"
    assert notifying.unread(world.people["city"]) == 0
    assert world.client("county_a").get(f"/notifications/{one.pk}/").status_code == 404


def test_no_notification_leads_elsewhere(world: World) -> None:
    for number, url in enumerate(("https://example.org/", "//example.org/", "javascript:alert(1)")):
        tell(world, "city", once=str(number), url=url)
    client = world.client("city")
    for one in Notification.objects.all():
        assert client.get(f"/notifications/{one.pk}/").headers["Location"] == "/notifications/"


def test_mail_goes_to_those_who_want_it_once(world: World) -> None:
    with_mail(world, "city")
    with_mail(world, "county_a", "en")
    with_mail(world, "manager")
    notifying.choose(person=world.people["manager"], by_mail={"case_late": False})
    tell(world, "city", "county_a", "manager", "auditor")
    tell(world, "city", kind="case_arrived", once="3")  # a kind that is not mailed by itself
    notifying.send_mail(NOW)
    notifying.send_mail(NOW + timedelta(minutes=1))
    assert sorted((m.to[0], m.body) for m in mail.outbox) == [
        ("city@example.org", "工单逾期"),
        ("county_a@example.org", "A case is late"),
    ]


def test_mail_leads_to_its_notification_where_the_address_is_known(world: World, settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://jicha.example.org"
    with_mail(world, "city")
    tell(world, "city")
    notifying.send_mail(NOW)
    path = mail.outbox[0].body.removeprefix("工单逾期\n\nhttps://jicha.example.org")
    assert world.client("city").get(path).status_code == 302
    assert notifying.unread(world.people["city"]) == 0


def test_mail_that_fails_waits_for_the_next_try(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def open(self) -> None:
            raise ConnectionRefusedError

        def close(self) -> None:
            """Nothing was open."""

    with_mail(world, "city")
    tell(world, "city")
    with monkeypatch.context() as patch:
        patch.setattr(notifying, "get_connection", Broken)
        notifying.send_mail(NOW)
    assert mail.outbox == []
    notifying.send_mail(NOW + timedelta(minutes=1))
    assert len(mail.outbox) == 1


def test_an_address_that_is_refused_neither_doubles_nor_stops_the_mail_of_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = {"county_a@example.org": (550, b"no such user"), "manager@example.org": (451, b"try again later")}
    sent: list[str] = []

    class Picky:
        open = close = lambda _self: None

        def send_messages(self, messages: list[EmailMessage]) -> int:
            for message in messages:
                [address] = message.to
                if address in refusals:
                    raise SMTPRecipientsRefused({address: refusals[address]})
                sent.append(address)
            return len(messages)

    monkeypatch.setattr(notifying, "get_connection", Picky)
    for name in ("city", "county_a", "manager", "auditor"):
        with_mail(world, name)
    tell(world, "city", "county_a", "manager", "auditor")
    notifying.send_mail(NOW)
    notifying.send_mail(NOW + timedelta(minutes=1))
    assert sorted(sent) == ["auditor@example.org", "city@example.org"]
    del refusals["manager@example.org"]
    notifying.send_mail(NOW + timedelta(minutes=2))
    assert sorted(sent) == ["auditor@example.org", "city@example.org", "manager@example.org"]
    assert not Notification.objects.filter(to_mail=True).exists()  # what is refused for good is not tried again


def test_a_title_of_several_lines_is_one_subject(world: World) -> None:
    with_mail(world, "city")
    notices.notify(people=[world.people["city"]], kind="case_late", text=Text("逾期\r\n工单", "late"), once="1", at=NOW)
    notifying.send_mail(NOW)
    assert [m.subject.endswith("逾期 工单") for m in mail.outbox] == [True]


def test_old_mail_is_not_sent_any_more(world: World) -> None:
    with_mail(world, "city")
    tell(world, "city")
    notifying.send_mail(NOW + timedelta(days=3))
    assert mail.outbox == []


def test_settings_by_the_page(world: World) -> None:
    client = world.client("city")
    client.post("/notifications/settings/", {"mail": ["case_arrived"]})
    wanted = notifying.wanted_by_mail(world.people["city"])
    assert [code for code, mail_ in wanted.items() if mail_] == ["case_arrived"]
    tell(world, "city", once="9")
    client.post("/notifications/read/")
    assert notifying.unread(world.people["city"]) == 0


def test_every_kind_that_is_listed_is_told_and_the_other_way_round() -> None:
    """A kind that nobody sends is a promise not kept; one that is not listed is not mailed, whatever people chose."""
    texts = [path.read_text(encoding="utf-8") for path in Path(notices.__file__).parent.rglob("*.py")]
    tellers = [text for text in texts if re.search(r"\bnotify\(\n?", text)]
    assert any('kind=f"case_{kind}"' in text for text in tellers)  # of a deadline: due, late
    told = {code for code in notifying.kinds() if any(f'"{code}"' in text for text in tellers)} | {
        "case_due",
        "case_late",
    }
    assert set(notifying.kinds()) - told <= {"other"}
    calls = [call.split("\n\n")[0] for text in tellers for call in re.split(r"\bnotify\(", text)[1:]]
    sent = {found[1] for call in calls if (found := re.search(r'kind="(\w+)"', call))}
    assert len(sent) > 5 and sent <= set(notifying.kinds())
