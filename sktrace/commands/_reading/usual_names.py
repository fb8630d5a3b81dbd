"""What people call the columns of a log, in the languages of their schools."""

import re
import unicodedata
from functools import cache

from ..._words import fold

__all__ = [
    "find_telling",
    "find_usual",
    "is_clock",
    "is_date",
    "is_doubtful",
    "tells_wrong",
]

# Names that say one thing, the surest first. Additions such as id, nr and name are
# understood. Where two languages share a word, it stands once.
_KNOWN = {
    "student": """
        user student anonstudent learner pupil participant candidate uid uuid sid
        schüler schülerin lernende lernender lerner teilnehmer teilnehmerin studentin
        studierende studierender benutzer nutzer proband
        élève étudiant étudiante apprenant apprenante utilisateur
        alumno alumna estudiante aprendiz usuario usuaria alunno alunna studente allievo
        utente aluno aluna estudante utilizador leerling cursist gebruiker deelnemer
        elev studerande studerende deltagare deltager deltaker användare bruger bruker
        uczeń uczennica użytkownik žák oppilas opiskelija tanuló öğrenci μαθητής
        ученик ученика учащийся учащегося студент студента пользователь пользователя
        учень учня 学生 学号 学员 用户 生徒 学習者 학생 طالب الطالب תלמיד""",
    "order": """
        orderid order timestamp when starttime datetime createdat submittedat answeredat
        startedat completedat finishedat startedon timecreated eventtime submissiontime
        submittime firsttransactiontime timestamptw timedone logid dateandtime
        timeanddate unixtime unixtimestamp epoch ts
        zeitstempel zeitpunkt datumuhrzeit datumunduhrzeit
        datumzeit horodatage horodateur dateheure dateetheure fechahora fechayhora
        marcadetiempo marcatemporal dataora dataeora datahora dataehora tijdstip
        tijdstempel tidpunkt tidsstämpel tidspunkt tidsstempel znacznikczasu дататавремя
        датавремя датаивремя 时间戳 提交时间 答题时间 日時 タイムスタンプ 일시""",
    "skill": """
        skill kc kcdefault kcs skills knowledgecomponent concept concepts topic topics
        competency competence objective learningobjective standard
        thema themen kompetenz fertigkeit fähigkeit lernziel themenbereich konzept
        compétence notion savoirfaire thème objectif habilidad competencia tema destreza
        concepto objetivo abilità competenza argomento concetto obiettivo habilidade
        competência tópico conceito vaardigheid onderwerp leerdoel competentie
        färdighet begrepp færdighed ferdighet emne kompetence kompetanse umiejętność
        temat zagadnienie kompetencja dovednost téma taito beceri kazanım konu
        навык тема умение компетенция навичка вміння 知识点 技能 概念 知識 単元 スキル
        개념""",
    "correct": """
        correct iscorrect correctness answeredcorrectly answercorrect wascorrect right
        isright correctfirstattempt firstattemptcorrect corrects
        richtig korrekt richtigfalsch richtigoderfalsch juste correcte correcto correcta
        acierto acertó corretto corretta giusto giusta esatto esatta correto correta
        certo certa acerto acertou goed juist goedfout rätt riktig rigtig rett
        poprawne poprawna poprawny poprawnie poprawność prawidłowa prawidłowo správně
        oikein helyes doğru правильно правильность верно вірно 正确 是否正确 对错 正误
        正誤 정답여부 정오""",
    "item": """
        item problem question upid content exercise task items problems questions
        aufgabe frage übung exercice problème tâche pregunta ejercicio problema ítem
        domanda esercizio quesito questão pergunta exercício vraag opgave oefening
        fråga uppgift övning spørgsmål spørsmål oppgave pytanie zadanie ćwiczenie
        otázka úloha kysymys tehtävä soru вопрос задача задание упражнение питання
        题目 题号 问题 問題 設問 문제 문항""",
}
# Names that say it only together with what the column holds, the likeliest first.
_LIKELY = {
    "student": "",
    "order": """
        time timestamps sequence step position trial date day zeit datum temps jour
        tiempo fecha tempo data tijd tid dato dag czas dzień čas aika tarih zaman
        дата время час 时间 日期 日付 時間 날짜 시간""",
    "skill": "tags ucid exercise",
    "correct": """
        outcome success passed solved mark marks responses result score points
        ergebnis erfolg bestanden gelöst punkte bewertung wertung
        réussi réussite résultat succès note resultado éxito puntos puntaje
        risultato esito punteggio sucesso pontos
        resultaat punten resultat poäng point wynik punkty tulos sonuç puan
        результат балл баллы 结果 得分 成绩 分数 結果 得点 결과 점수""",
    "item": "",
}
_DATES = """
    date day datum tag jour fecha día data giorno dia dag dato dzień дата 日期 日付
    날짜 tarih päivä päivämäärä"""
_CLOCKS = """
    time timeofday clock uhrzeit zeit heure hora ora tijd tid klockslag klokkeslett
    godzina czas время час 时间 時刻 時間 시간 saat aika kello"""
# Names that may say it as well as something else: always a question.
_OPEN = {
    "student": """
        subject subjectid subjectno subjectname id name person personid nr
        nachname apellido cognome email mail kürzel pseudonym login alias nickname""",
    "skill": "subject subjectid subjectname fach unterrichtsfach matière vak ämne",
    "correct": """
        answer answers response antwort réponse respuesta risposta resposta antwoord
        svar odpowiedź ответ відповідь 答案 回答 解答""",
    "order": "nr row rownumber index id",
}
# What is added to a name, in the order in which it is preferred; "" is none.
_ADDED = {
    "student": ["id", "code key", "no nr num number nummer numero", "", "name"],
    "skill": ["name", "", "id", "code key", "no nr num number nummer numero"],
    "item": ["id", "", "code key", "no nr num number nummer numero", "name"],
    "correct": ["", "is was ist est es czy er"],
    "order": [""],
}
_SAME = {  # as other languages write what is added
    "id": "ids kennung identifier identifiant ид",
    "name": "names nom nombre nome naam namn navn nazwa имя 姓名 名称 名",
    "code": "kode kod código codice cod kürzel код 编码 编号 番号",
    "numero": "núm numer номер",
}
_FILLERS = {
    *("the", "of", "der", "des", "die", "den", "de", "la", "le", "l", "du", "d", "el"),
    *("del", "della", "dello", "dell", "do", "da", "di", "van", "het", "av"),
}
_MEANT = {"yes", "no", "ja", "nein", "y", "n", "0", "1", "true", "false", "or", "oder"}
_ZONES = {"utc", "gmt"}
# Words beside a telling one that speak against it: how long, how many, of what kind.
_AGAINST = {
    "student": """
        answer answers response responses question problem skill correct time date
        score points antwort frage aufgabe réponse exercice respuesta pregunta type
        session teacher""",
    "order": """
        response reaction elapsed taken spent duration task birth limit due zone total
        mean average avg ms seconds minutes hours dauer durée duración""",
    "": """
        count counts rate level mode type kind mean average avg total sum share percent
        percentage prob probability predicted prediction difficulty status gender age
        lag group class""",
}
_WRONG = """
    wrong incorrect error errors mistake mistakes false failed failure fail notcorrect
    falsch fehler inkorrekt faux fausse erreur erreurs incorrecto incorrecta errores
    fallo sbagliato errato errore errori errado erro erros fout fouten fel forkert feil
    väärin błąd błędna błędne niepoprawna niepoprawne chyba špatně ошибка ошибки неверно
    неправильно помилка yanlış hata λάθος 错误 錯誤 错 間違い 誤答 오답 خطأ שגיאה"""
_LONG = 5  # letters, from which a word tells inside another without a break


def find_usual(names, role):
    """Return names known for a role, the surest first, as pairs of rank and name.

    A rank is a tuple of numbers; the first is 0 where the name alone will do, and 1
    where what the column holds must say the same.
    """
    found = ((_rank(name, role), name) for name in names)
    return sorted((rank, name) for rank, name in found if rank is not None)


def find_telling(names, role):
    """Return names that may mean a role, by themselves or by one word of several."""
    telling, inside = _telling(role)
    open_ = _fold_all(_OPEN.get(role, ""))
    found = []
    for name in names:
        words = {word for spelt in _spellings(name) for word in spelt}
        joined = {"".join(spelt) for spelt in _spellings(name)}
        if words & telling or open_.keys() & joined or any(map(inside, joined)):
            found.append(name)
    return found


@cache
def _telling(role):
    """Return the words that tell of a role, and what finds long ones in others."""
    words = {*_places(role, 0), *_places(role, 1)}
    long = "|".join(sorted(word for word in words if len(word) >= _LONG))
    return words, re.compile(long).search


def is_doubtful(name, role):
    """Tell a name whose further words speak against the role."""
    against = {*_fold_all(_AGAINST[""]), *_fold_all(_AGAINST.get(role, ""))}
    return any(set(spelt) & against for spelt in _spellings(name))


def tells_wrong(name):
    """Tell the name of a column that says whether an answer was wrong.

    >>> [tells_wrong(name) for name in ("is_incorrect", "Fehler", "richtig/falsch")]
    [True, True, False]
    """
    words = {word for spelt in _spellings(name) for word in spelt}
    right = {*_fold_all(_KNOWN["correct"]), "pass", "passed", "true"} & words
    return bool(words & _fold_all(_WRONG).keys()) and not right


def is_date(name):
    """Tell the name of a column of dates."""
    return _is_one(name, _DATES)


def is_clock(name):
    """Tell the name of a column of times of the day."""
    return _is_one(name, _CLOCKS)


def _is_one(name, words):
    bare = ("".join(w for w in s if w not in _ZONES) for s in _spellings(name))
    return any(text in _fold_all(words) for text in bare)


@cache
def _fold_all(words):
    return {spelt: at for at, word in enumerate(words.split()) for spelt in _fold(word)}


def _places(role, tier):
    return _fold_all((_KNOWN, _LIKELY)[tier][role])


def _rank(name, role):
    """Return how sure a name is of a role, a smaller tuple being surer, or None."""
    ranks = []
    for words in _spellings(name):
        bare = [w for w in words if w not in _FILLERS | _ZONES]
        if role == "correct":
            bare = [w for w in bare if w not in _MEANT]
        for text in {"".join(words), "".join(bare)}:
            for tier in (0, 1):
                if text in _places(role, tier):
                    here = _ADDED[role].index("")
                    ranks.append((tier, here, _places(role, tier)[text]))
        ranks += _rank_added(bare, role)
    return min(ranks, default=None)


def _rank_added(words, role):
    """Return ranks of a name without what is added to it, before or behind."""
    text, known = "".join(words), _places(role, 0)
    if not (text.endswith(_added(role)) or (words[:1] and words[0] in _added(role))):
        return
    for place, group in enumerate(_ADDED[role]):
        for added in _variants(group):
            rests = [text.removesuffix(added)] if text.endswith(added) else []
            if words and words[0] == added:  # before, only as a word of its own
                rests.append("".join(words[1:]))
            yield from ((0, place, known[rest]) for rest in rests if rest in known)


@cache
def _added(role):
    return tuple(text for group in _ADDED[role] for text in _variants(group))


@cache
def _variants(group):
    words = group.split()
    same = [other for word in words for other in _SAME.get(word, "").split()]
    return tuple(spelt for word in [*words, *same] for spelt in _fold(word))


@cache
def _spellings(name):
    """Return the words of a name, its accents left out or written out, as tuples."""
    name = unicodedata.normalize("NFC", name)
    pairs = zip(" " + name, name, strict=False)
    apart = (" " * (a.islower() and b.isupper()) + b for a, b in pairs)
    words = re.findall(r"[^\W_]+", "".join(apart))
    return {tuple(_plain(word, out) for word in words) for out in (False, True)}


def _fold(word):
    return {_plain(word, out) for out in (False, True)}


_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "ı": "i", "đ": "d"}
)


def _plain(word, out):
    """Return a word without accents; `out` writes umlauts out, as in Schueler."""
    word = word.casefold()
    word = word.translate(_OUT) if out else word
    return fold(word.translate(_LETTERS))
