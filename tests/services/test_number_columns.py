"""Which column holds the numbers: by its header, in every file; what is taken is said before and after."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from telephony.errors import InputError
from telephony.ids import Number
from telephony.services.lists.columns import understand
from telephony.services.lists.number_columns import find_numbers
from telephony.services.lists.reader import NumbersFile
from telephony.services.rules.do_not_call import DoNotCallLists, DoNotCallReport
from telephony.words import english
from tests.doubles.store import FakeStore
from tests.services.test_lists import Desk, StoppedClock


async def loaded(data: str | bytes, *, known: tuple[str, ...] = ()) -> tuple[DoNotCallReport, FakeStore, list[str]]:
    fake, said = FakeStore(), []

    def before(file: NumbersFile) -> None:
        assert not fake.tables.do_not_call, "it is said before anything is written"
        said.append(english(file.taken))

    source = data.encode() if isinstance(data, str) else data
    service = DoNotCallLists(fake.store, StoppedClock())
    report = await service.load(source, name="liste", client_company="", by="paul", known=known, before=before)
    return report, fake, said


async def protected(fake: FakeStore, number: str) -> bool:
    return bool(await fake.store.do_not_call.opposed(Number(number), "Alpha"))


async def test_a_column_that_says_telephone_wins_over_one_that_says_number_wherever_it_stands() -> None:
    for header, row in (
        ("Numéro;Nom;Téléphone", "199004127;Anne;06 39 98 49 01"),
        ("Téléphone;Nom;Numéro", "06 39 98 49 01;Anne;199004127"),
        ("Number,Name,Phone", "0199004127,Anne,06 39 98 49 01"),
    ):
        desk = await Desk().open()
        report = await desk.load(f"{header}\n{row}\n")
        (lead,) = desk.leads
        assert (lead.number, lead.numbers) == ("33639984901", ()), header
        assert report.number_column in {"Téléphone", "Phone"}
        assert "never dialled: 'Num" in english(report.columns)
    assert "0199004127" not in str(lead.fields), "a whole number is shown on no screen"


@pytest.mark.parametrize(
    "header",
    ["Tél.", "N° de tél", "Téléphone (domicile)", "TelephoneNumber", "phone_number", "GSM", "Tel 1", "Mobile pro",
     "Numéro de mobile", "Téléphone du contact", "Ligne fixe", "Portable 2", "numtel", "Contact phone", "HomePhone",
     "WorkPhone", "TelDom", "TEL_PORT", "Tel01", "Téléphone(s)", "Tél. bur.", "Tél. dom.", "Téléphone fixe ou mobile",
     "Téléphone (format international)", "MSISDN", "N° d'appel", "Mobile client", "N° de mobile du client",
     "N° de tél. mobile client"],
)  # fmt: skip
def test_headers_that_say_telephone(header: str) -> None:
    assert find_numbers(["Numéro", "Nom", header]).telephones == (2,)


@pytest.mark.parametrize(
    "header",
    ["N° client", "Numéro client", "Référence", "Siret", "Téléphone vérifié", "Opérateur mobile",
     "Date appel téléphone",
     "Consentement téléphone", "Type de téléphone", "Fax", "Téléconseiller", "Mobilier", "Id", "",
     "N° client mobile", "N° client fixe", "N° abonné mobile", "Client fixe"],
)  # fmt: skip
def test_headers_that_say_something_else(header: str) -> None:
    assert understand(["Nom", header]) is None


async def test_a_customers_number_of_a_mobile_contract_is_not_dialled() -> None:
    desk = await Desk().open()
    await desk.load("N° client mobile;Nom;Tél. 2\n199004127;Anne;0639980001\n199004128;Luc;\n")
    assert [(lead.number, lead.numbers) for lead in desk.leads] == [("33639980001", ())]


@pytest.mark.parametrize("other", ["Tél. conjoint;06 39 98 00 01", "Tél. conjoint;", "Ligne A;06 39 98 00 01"])
async def test_a_column_that_says_number_only_is_not_taken_beside_one_that_may_be_the_telephone(other: str) -> None:
    header, cell = other.split(";")
    data = f"Numéro;Nom;{header}\n0100004127;Anne;{cell}\n"
    sentence = await (await Desk().open()).refused(data)
    assert (
        f"'Numéro' does not say what kind of number it is, and '{header}' may be the telephone; nothing was loaded"
        in sentence
    )
    with pytest.raises(InputError, match="may be the telephone"):
        await loaded(data)


async def test_a_column_about_telephones_that_holds_words_does_no_harm_to_one_that_says_number() -> None:
    desk = await Desk().open()
    await desk.load("Numéro;Nom;Type de téléphone\n0639980001;Anne;mobile\n")
    assert [lead.number for lead in desk.leads] == ["33639980001"]


@pytest.mark.parametrize("title", ["Téléphones clients;;", "Téléphones clients", "Numéros;"])
async def test_a_title_above_the_header_is_refused(title: str) -> None:
    data = f"{title}\nN° client;Nom;Téléphone\n199004127;Anne;06 39 98 49 01\n"
    assert "a title above its header (line 2); delete" in await (await Desk().open()).refused(data)
    with pytest.raises(InputError, match="a title above its header"):
        await loaded(data)


async def test_one_name_over_columns_that_hold_something_is_refused() -> None:
    for data in ("Téléphones;;\n199004127;Anne;06 39 98 49 01\n", "Téléphone;\n0199004127;0639980001\n"):
        assert "names only one column" in await (await Desk().open()).refused(data)
        with pytest.raises(InputError, match="names only one column"):
            await loaded(data)


@pytest.mark.parametrize(
    "header", ["Tél. conjoint", "", "Numéro opposé", "Portable opposé", "Tél. vérifié", "Fax", "Ville"]
)
async def test_an_opposition_file_with_numbers_that_would_not_be_read_is_refused(header: str) -> None:
    rows = "".join(f"A;01 99 00 {index // 100:02d} {index % 100:02d};\n" for index in range(1_200))
    with pytest.raises(
        InputError, match=r"has numbers in .*, and no header says that they are telephones; nothing was"
    ):
        await loaded(f"Nom;Téléphone;{header}\n{rows}B;01 99 00 41 27;06 39 98 00 01\n")


async def test_nine_digits_in_an_unread_column_about_telephones_are_a_number_and_elsewhere_none() -> None:
    with pytest.raises(InputError, match=r"has numbers in 'Tél. conjoint'"):
        await loaded("Nom;Téléphone;Tél. conjoint\nA;199004127;639980001\n")
    report, fake, _ = await loaded("Siren;Téléphone;HomePhone\n199004127;199004128;639980001\n")
    assert (report.list.entries, await protected(fake, "33639980001")) == (2, True)


async def test_without_a_header_a_second_column_of_numbers_is_found_wherever_it_begins() -> None:
    rows = "".join(f"01 99 00 {index // 100:02d} {index % 100:02d};\n" for index in range(1_200))
    with pytest.raises(InputError, match="columns 1, 2 and no header"):
        await loaded(f"{rows}01 99 00 41 27;06 39 98 00 01\n")


async def test_nine_digits_are_no_number_unless_the_column_is_one_of_telephones() -> None:
    desk = await Desk().open()
    await desk.load("Numéro;Nom\n199004127;Anne\n199004128;Luc\n")
    assert desk.rows("nine_digits") == [2, 3]
    await desk.load("Téléphone;Nom\n199004127;Anne\n", name="nommée")
    await desk.load("Numéro;Nom\n01 99 00 41 28;Anne\n199004129;Luc\n", name="de téléphones")
    assert [lead.number for lead in desk.leads] == ["33199004127", "33199004128", "33199004129"]


@pytest.mark.parametrize("encode", [str.encode, lambda text: text.encode("utf-16"), lambda text: text.encode("cp1252")])
async def test_an_opposition_file_is_read_like_a_list(encode: Callable[[str], bytes]) -> None:
    data = encode(
        "N° client;Téléphone;Mobile\n199004127;01 99 00 41 28;06 39 98 00 01\n199004129;néant;06 39 98 00 02\n"
    )
    report, fake, said = await loaded(data)
    assert (report.read, report.unreadable, report.list.entries) == (2, 0, 3)
    assert said == ["numbers are read from 'Téléphone', and 'Mobile'"]
    assert english(report.columns) == said[0]
    for number in ("33199004128", "33639980001", "33639980002"):
        assert await protected(fake, number)
    for stranger in ("33199004127", "33199004129"):
        assert not await protected(fake, stranger)


async def test_a_number_of_nine_digits_in_a_column_without_a_name_protects_nobody() -> None:
    report, fake, said = await loaded("01 99 00 41 27\n681721234\n")
    assert (report.list.entries, report.examples) == (1, (2,))
    assert not await protected(fake, "33681721234")
    assert "no header says telephone" in said[0]
    with pytest.raises(InputError, match="nothing was loaded"):
        await loaded("681721234\n199004127\n")


async def test_without_a_header_the_one_column_of_numbers_is_taken_and_of_several_none() -> None:
    report, fake, said = await loaded("C-1042;01 99 00 41 27\nC-1043;01 99 00 41 28\n")
    assert said[0].startswith("numbers are read from column 2, which has no header")
    assert (report.read, report.list.entries) == (2, 2)
    assert await protected(fake, "33199004127")
    with pytest.raises(InputError, match="columns 1, 2 and no header"):
        await loaded("06 39 98 00 01;01 99 00 41 27\n")
    with pytest.raises(InputError, match="no telephone column"):
        await loaded("N° client;Nom\n199004127;Anne\n")


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
@pytest.mark.parametrize("writing", ["33199004127", "+33199004127", "0199004127"])
async def test_digests_without_salt_prove_themselves(algorithm: str, writing: str) -> None:
    digest = hashlib.new(algorithm, writing.encode()).hexdigest()
    report, fake, _ = await loaded(f"{digest.upper()}\n")
    assert (report.digests, report.proven) == (1, 1)
    assert await protected(fake, "33199004127")


@pytest.mark.parametrize("lines", [1, 150])
async def test_salted_digests_are_refused_with_a_sentence(lines: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telephony.services.rules.do_not_call_digests.TRIED", 1_000)
    data = "".join(hashlib.sha256(f"sel33199{index:06d}".encode()).hexdigest() + "\n" for index in range(lines))
    with pytest.raises(InputError, match="nothing shows that they match numbers; nothing was loaded: salted"):
        await loaded("empreinte\n" + data)
    with pytest.raises(InputError, match="known number 1 is not on it"):
        await loaded(data, known=("01 99 00 41 27",))


async def test_a_digest_below_telephone_is_read_in_a_short_row_too() -> None:
    report, _, _ = await loaded(f"téléphone;date\n01 99 00 41 27;2026\n{'ab' * 32}\n")
    assert (report.list.entries, report.unreadable, report.digests) == (2, 0, 1)


async def test_a_number_said_to_stand_on_the_list_proves_its_digests() -> None:
    digest = hashlib.sha256(b"0199004127").hexdigest()
    report, _, _ = await loaded(f"{digest}\n{'ab' * 32}\n", known=("01 99 00 41 27",))
    assert (report.digests, report.proven) == (2, 1)


async def test_digests_beside_plain_numbers_are_told_when_nothing_proves_them(tmp_path: Path) -> None:
    report, fake, _ = await loaded(f"téléphone\n01 99 00 41 27\n{'ab' * 32}\n")
    assert (report.list.entries, report.digests, report.proven, report.is_whole) == (2, 1, 0, False)
    assert await protected(fake, "33199004127")
