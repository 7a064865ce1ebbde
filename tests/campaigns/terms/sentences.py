"""Twenty sentences that the checker must flag, and twenty that it must leave alone, in six languages.

Those of the first group have a word to avoid, inflected, joined or with accents.
Those of the second have names of laws and organisations, quotations, or the recommended words.
"""

SOFT_HYPHEN = "\N{SOFT HYPHEN}"
NBSP = "\N{NO-BREAK SPACE}"

# Language, sentence, and the words found in it.
CAUGHT = [
    ("en", "He was charged with possessing child pornography.", "child pornography"),
    ("en", "The site showed CHILD-PORN to anyone who asked.", "CHILD-PORN"),
    ("en", f"Two child sex tour{SOFT_HYPHEN}ists were arrested.", f"child sex tour{SOFT_HYPHEN}ists"),
    ("en", "A convicted sex offender’s neighbours were told.", "sex offender"),
    ("en", "They talk of child prostitutes as if they had chosen it.", "child prostitutes"),
    ("de", "Er besaß kinderpornografische Dateien.", "kinderpornografische"),
    ("de", "Die Kinder-Pornografie im Netz nimmt zu.", "Kinder-Pornografie"),
    ("de", "Einem Kinderschänder hilft niemand.", "Kinderschänder"),
    ("de", "Vom Sex mit Kindern ist die Rede.", "Sex mit Kindern"),
    ("fr", "La PEDOPORNOGRAPHIE est un délit.", "PEDOPORNOGRAPHIE"),
    ("fr", "On parle trop souvent d’enfants prostitués.", "enfants prostitués"),
    ("fr", "Ce violeur d’enfants a été condamné.", "violeur d’enfants"),
    ("es", "Difundían pornografia infantil por mensajería.", "pornografia infantil"),
    ("es", f"El turismo{NBSP}sexual infantil es un delito.", f"turismo{NBSP}sexual infantil"),
    ("es", "Un abusador de menores fue detenido.", "abusador de menores"),
    ("cs", "Policie hledala dětskou pornografii.", "dětskou pornografii"),
    ("cs", "Mluvilo se o sexuálních turistech.", "sexuálních turistech"),
    ("ar", "وتنتشر إِبَاحِيَّة الأطفال على الإنترنت.", "إِبَاحِيَّة الأطفال"),
    ("ar", "تحدث عن المواد الإباحية للأطفال وعن أخطارها.", "المواد الإباحية للأطفال"),
    ("ar", "اعتُقل رجل بتهمة الســياحة الجنسية.", "الســياحة الجنسية"),
]  # fmt: skip

LEFT_ALONE = [
    (
        "en",
        ("Directive 2011/93/EU on combating the sexual abuse and sexual exploitation of children and child pornography "
         "applies."),
    ),
    (
        "en",
        "The Optional Protocol on the sale of children, child prostitution and child pornography was adopted in 2000.",
    ),
    ("en", "The report says: “There is no such thing as child pornography.”"),
    ("en", "He had to sign the Sex Offenders Register for five years."),
    ("en", "The images are child sexual abuse material."),
    ("en", "The programme is for every parent of a child. Sex education is another matter."),
    (
        "de",
        ("Die Richtlinie zur Bekämpfung des sexuellen Missbrauchs und der sexuellen Ausbeutung von Kindern sowie der "
         "Kinderpornografie gilt."),
    ),
    ("de", "In § 184b steht: „Verbreitung, Erwerb und Besitz kinderpornographischer Inhalte“."),
    ("de", "Ein Betroffener sagte: »Man nannte ihn Kinderschänder.«"),
    ("de", "Missbrauchsdarstellungen zeigen sexualisierte Gewalt gegen Kinder."),
    (
        "fr",
        ("La directive relative à la lutte contre les abus sexuels et l’exploitation sexuelle des enfants, ainsi que "
         "la pédopornographie, s’applique."),
    ),
    ("fr", "Le titre disait : « Un violeur d’enfants arrêté »."),
    ("fr", "L’enfant n’est jamais responsable."),
    (
        "es",
        ("La Directiva relativa a la lucha contra los abusos sexuales y la explotación sexual de los menores y la "
         "pornografía infantil."),
    ),
    ("es", "El periódico tituló: «Detenido un abusador de menores»."),
    ("es", "Los menores necesitan ayuda; el turismo sostenible también."),
    (
        "cs",
        "Směrnice o boji proti pohlavnímu zneužívání a pohlavnímu vykořisťování dětí a proti dětské pornografii platí.",
    ),
    ("cs", "Materiály pohlavního zneužívání dětí nahlašte policii."),
    ("ar", "البروتوكول الاختياري بشأن بيع الأطفال وبغاء الأطفال والمواد الإباحية عن الأطفال."),
    ("ar", "المحتوى الجنسي المسيء للأطفال جريمة، والمساعدة موجودة."),
]  # fmt: skip
