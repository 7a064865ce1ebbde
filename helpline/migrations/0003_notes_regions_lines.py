"""Notes move to the texts of programmes, regions get codes, and support lines say what they are about.

The conversion changes versions that two people approved, without changing what they say.
So each approval gets the digest of the converted version, if its own was that of the version before.
"""

import uuid

import helpline.records.fields
from django.db import migrations, models
from helpline.approval.versions import digest_of

# The regions as the starter data named them.
CODES = {
    "Antwerp": ["be211"],
    "Auckland and upper North Island": ["nz-x-upper-north"],
    "Baden-Württemberg": ["de-bw"],
    "Bamberg": ["de241"],
    "Basel": ["ch-bs"],
    "Berlin": ["de-be"],
    "Brussels": ["be-bru"],
    "Brussels and Halle-Vilvoorde (Dutch-speaking)": ["be-bru", "be241"],
    "Düsseldorf": ["dea11"],
    "Eastern Switzerland": ["ch05"],
    "Elmshorn (Schleswig-Holstein)": ["de-sh"],
    "Flanders": ["be-vlg"],
    "French-speaking Switzerland": ["ch-x-fr"],
    "Geneva": ["ch-ge"],
    "German-speaking Switzerland": ["ch-x-de"],
    "Gießen": ["de721"],
    "Hamburg": ["de-hh"],
    "Hannover": ["de929"],
    "Kiel": ["def02"],
    "Leipzig": ["ded51"],
    "Mainz": ["deb35"],
    "Milan": ["it-mi"],
    "München": ["de212"],
    "New South Wales": ["au-nsw"],
    "Nottingham": ["gb-ngm"],
    "Pirkanmaa (Tampere)": ["fi-11"],
    "Quebec": ["ca-qc"],
    "Regensburg": ["de232"],
    "Region Midtjylland": ["dk-82"],
    "Santo André, São Paulo": ["br-sp"],
    "Scotland": ["gb-sct"],
    "South Island": ["nz-x-south"],
    "Tokyo and Kanagawa": ["jp-13", "jp-14"],
    "Ulm": ["de144"],
    "Vienna": ["at-9"],
    "Wales": ["gb-wls"],
    "Wallonia and Brussels": ["be-wal", "be-bru"],
    "Zurich": ["ch-zh"],
    "lower North Island": ["nz-x-lower-north"],
}
# Notes about where an online service works, which are no regions.
NO_REGIONS = {"Europe", "online"}


def convert(apps, schema_editor):
    programmes = apps.get_model("helpline", "Programme").objects
    rewrite(apps, "programme", converted)
    for programme in programmes.exclude(region=""):
        found = converted({"region": programme.region})
        programmes.filter(pk=programme.pk).update(region=found["region"], regions=found.get("regions", []))
    english = apps.get_model("wagtailcore", "Locale").objects.filter(language_code="en").first()
    if english is not None:
        for programme in programmes.exclude(confidentiality_note=""):
            move_note(apps, programme, english)
    # The tables are altered next, which PostgreSQL refuses while checks of foreign keys are pending.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


def converted(content):
    """Return the content of a programme, without its note, and with the codes of its regions if they are known."""
    found = {name: value for name, value in content.items() if name != "confidentiality_note"}
    region = found.get("region", "")
    if region in CODES:
        found |= {"region": "", "regions": CODES[region]}
    elif region in NO_REGIONS:
        found["region"] = ""
    return found


def move_note(apps, programme, english):
    """Move the note of a programme to its English text, or to a new draft if it has none."""
    texts, note = apps.get_model("helpline", "ProgrammeText").objects, programme.confidentiality_note
    text = texts.filter(programme_id=programme.uuid, locale=english).first()
    if text is None:
        # The texts of a programme are translations of each other.
        key = uuid.uuid5(programme.uuid, "text")
        texts.create(programme_id=programme.uuid, locale=english, translation_key=key, note=note, live=False)
    elif programme.live or not text.live:
        texts.filter(pk=text.pk).update(note=note)
        rewrite(apps, "programmetext", lambda content: {**content, "note": note}, only=text.pk)
    # The note of a hidden programme is not added to public words: two people have not approved it.


def rewrite(apps, model, edit, only=None):
    """Edit the content of the revisions of a model, and the digests of their approvals."""
    kind = apps.get_model("contenttypes", "ContentType").objects.filter(app_label="helpline", model=model).first()
    approvals = apps.get_model("helpline", "Approval").objects
    revisions = apps.get_model("wagtailcore", "Revision").objects.filter(content_type=kind)
    if only is not None:
        revisions = revisions.filter(object_id=str(only))
    for revision in revisions.iterator(chunk_size=100):
        after = edit(revision.content)
        if after != revision.content:
            before, revision.content = digest_of(revision.content), after
            revision.save(update_fields=["content"])
            approvals.filter(content_type=kind, revision_id=revision.pk, digest=before).update(digest=digest_of(after))


class Migration(migrations.Migration):

    dependencies = [
        ('helpline', '0002_conditions_and_interpreters'),
    ]

    operations = [
        migrations.AddField(
            model_name='programme',
            name='regions',
            field=helpline.records.fields.RegionsField(blank=True, default=list, help_text='The parts of the country, such as Vienna or German-speaking Switzerland.', verbose_name='regions'),
        ),
        migrations.AddField(
            model_name='programmetext',
            name='note',
            field=models.TextField(blank=True, help_text='From a public page. Shown as “not confirmed” until confidentiality has been reviewed; then clear it.', max_length=1000, verbose_name='unconfirmed note'),
        ),
        migrations.AddField(
            model_name='programmetext',
            name='operator',
            field=models.CharField(blank=True, help_text='Only if the operator has an official name in this language other than that of the programme.', max_length=200, verbose_name='operator'),
        ),
        migrations.AddField(
            model_name='supportline',
            name='about',
            field=models.CharField(blank=True, choices=[('', 'all that its kind says'), ('police', 'Police'), ('ambulance', 'Ambulance'), ('fire', 'Fire brigade'), ('missing_children', 'Missing children'), ('child_at_risk', 'Concern about a child'), ('online_safety', 'Trouble on the internet'), ('images_of_me', 'Intimate pictures of you from before you were 18'), ('violence', 'People who suffer violence'), ('home', 'Violence at home'), ('women', 'Women who suffer violence'), ('sexual_violence', 'Sexual violence')], default='', help_text="Shown instead of the kind, in the reader's language.", max_length=20, verbose_name='what it is about'),
        ),
        migrations.AlterField(
            model_name='programme',
            name='region',
            field=models.CharField(blank=True, help_text='Only if the list above lacks it: this name is the same in every language.', max_length=200, verbose_name='region not on the list'),
        ),
        migrations.AlterField(
            model_name='supportline',
            name='name',
            field=models.CharField(help_text='What the line calls itself, in the language of its country.', max_length=200, verbose_name='name'),
        ),
        migrations.RunPython(convert, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='programme',
            name='confidentiality_note',
        ),
    ]
