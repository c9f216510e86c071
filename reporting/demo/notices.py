# SPDX-License-Identifier: EUPL-1.2
"""Privacy notices of the demonstration in three languages, and which part the law gives to each body."""

from datetime import UTC, date, datetime

from actions.enums import DataRole
from actions.services.notices import add_language, publish_notice, record_processing_role
from partners.models import Language, NetworkMember, Organisation
from reporting.demo import world
from reporting.demo.bodies import programme

FIRST = date(2018, 7, 2)
# The demo partner has a notice of its own since the last weeks: its families are to be informed again.
OWN = date(2019, 5, 20)
PUBLISHED = datetime(2018, 6, 27, 8, tzinfo=UTC)

_TEXTS = {
    "it": (
        "# Perché chiediamo questi dati\n\n"
        "La scuola o l’associazione che vi segue registra chi partecipa alle attività del progetto, per organizzarle e "
        "per renderne conto alla Regione e al Ministero dell’Interno.\n\n"
        "# Che cosa registriamo\n\n"
        "Un codice, la data di nascita, il genere, la cittadinanza, le presenze e il livello di italiano. Il nome, se "
        "viene scritto, lo legge solo chi lo ha scritto, e ogni lettura resta annotata. Nessun documento di soggiorno "
        "è richiesto agli alunni.\n\n"
        "# I vostri diritti\n\n"
        "Potete chiedere di vedere, correggere o cancellare i dati, scrivendo al responsabile della protezione dei dati "
        "indicato qui sotto. La partecipazione alle attività non dipende da questi dati."
    ),
    "en": (
        "# Why we ask for these data\n\n"
        "The school or association that works with you records who takes part in the activities of the project, to "
        "organise them and to report on them to the Region and the Ministry of the Interior.\n\n"
        "# What we record\n\n"
        "A code, the date of birth, the gender, the citizenship, attendance and the level of Italian.\n\n"
        "# Your rights\n\n"
        "You may ask to see, correct or erase the data: write to the data protection officer named below."
    ),
    "ar": (
        "# لماذا نطلب هذه البيانات\n\n"
        "تسجّل المدرسة أو الجمعية أسماء رموز المشاركين في أنشطة المشروع من أجل تنظيمها وتقديم تقرير عنها إلى الإقليم "
        "ووزارة الداخلية.\n\n"
        "# حقوقكم\n\n"
        "يمكنكم أن تطلبوا الاطلاع على البيانات أو تصحيحها أو محوها، بالكتابة إلى مسؤول حماية البيانات المذكور أدناه."
    ),
}


def notices_and_parts() -> None:
    """Publish the notice of the programme, and later one of a body's own; record who is controller and processor."""
    region = programme()
    languages = {language.code: language for language in Language.objects.filter(code__in=_TEXTS)}
    notice = publish_notice(
        programme=region,
        organisation=None,
        code="2018/1",
        valid_from=FIRST,
        language=languages["it"],
        body=_TEXTS["it"],
        by=None,
        at=PUBLISHED,
    )
    for code in ("en", "ar"):
        add_language(notice=notice, language=languages[code], body=_TEXTS[code], by=None, at=PUBLISHED)
    own = Organisation.objects.get(name=world.BEHIND)
    publish_notice(
        programme=region,
        organisation=own,
        code="Ponte Chiaro 2019",
        valid_from=OWN,
        language=languages["it"],
        body=_TEXTS["it"] + "\n\nI registri della cooperativa sono tenuti nella sede di via dei Mulini.",
        by=None,
        at=datetime(2019, 5, 15, 8, tzinfo=UTC),
    )
    record_processing_role(
        programme=region,
        organisation=region.lead,
        role=DataRole.CONTROLLER,
        legal_act="Deliberazione della Giunta regionale n. 12 (dimostrazione)",
        act_on=date(2018, 6, 4),
        dpo_contact="rpd@regione.demo.portale-fami.example",
        by=None,
        at=PUBLISHED,
    )
    network = NetworkMember.objects.filter(organisation=own).order_by("pk").values_list("network", flat=True).first()
    for member in Organisation.objects.filter(network_stays__network=network).distinct().order_by("pk"):
        record_processing_role(
            programme=region,
            organisation=member,
            role=DataRole.JOINT_CONTROLLER if member.kind == "school" else DataRole.PROCESSOR,
            legal_act="Accordo di contitolarità ex art. 26 (dimostrazione)"
            if member.kind == "school"
            else "Nomina a responsabile ex art. 28 (dimostrazione)",
            act_on=date(2018, 9, 10),
            dpo_contact=f"rpd-{member.pk}@demo.portale-fami.example",
            by=None,
            at=PUBLISHED,
        )
