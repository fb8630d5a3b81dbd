"""Names of columns by which a layout is told, in the languages of schools."""

import re
import unicodedata

from .._words import fold

__all__ = ["is_answer", "is_item", "is_known", "is_question", "is_student", "told_by"]

# Without accents, blanks and punctuation, and without what is added: id, name, no.
_STUDENTS = """
    student anonstudent user learner pupil participant candidate testtaker examinee uid
    schueler schuler schuelerin schulerin lernender teilnehmer teilnehmerin studierende
    studierender eleve etudiant etudiante apprenant alumno alumna estudiante alunno
    studente aluno estudante leerling elev uczen zak oppilas ucenik ученик студент 学生
    学号 学生 生徒 학생"""
_ALSO_STUDENTS = """
    username benutzername login loginid sisuserid sisloginid idnumber idnummer
    matrikelnummer matrikelnr matrnr matriculationnumber rollno rollnumber rollnr"""
_MAILS = """
    email emailaddress mail mailaddress emailadresse adressedecourriel courriel correo
    correoelectronico direcciondecorreo"""
_PEOPLE = """
    name fullname firstname lastname surname givenname familyname vorname nachname
    vollstandigername vollstaendigername familienname prenom nom nombre apellido
    apellidos cognome nome"""
_NOT_ASKED = """
    class classname section group cohort year grade gradelevel age gender sex school
    institution department date state status startedon started completed finished
    timetaken duration time timestamp course teacher email country language comment
    comments hint hints attempt attempts try tries skipped flag flagged klasse gruppe
    kurs schule abteilung datum stand begonnenam begonnen beendet
    abgeschlossen verbrauchtezeit dauer alter geschlecht lehrer bemerkung bemerkungen
    female male treatment treated control condition arm experiment intervention
    minority race ethnicity migration migrationshintergrund migrant ses lunch frl iep
    ell lep disability specialneeds passed pass dropout droppedout consent repeater
    weiblich mannlich maennlich behandlung kontrolle versuchsgruppe kontrollgruppe
    foerderbedarf forderbedarf bestanden fille garcon redoublant mujer hombre repetidor
    classe groupe ecole age date sexe clase grupo curso edad sexo fecha sis"""
_TOTALS = """
    total totals sum score scores totalscore sumscore points totalpoints percent
    percentage mark marks grade finalgrade finalscore currentscore currentgrade mean
    average rank result correctanswers ncorrect gesamt gesamtpunktzahl summe punkte
    punktzahl note bewertung prozent ergebnis rang durchschnitt mittelwert moyenne somme
    resultat pourcentage nota suma puntos puntuacion porcentaje promedio media totale
    punteggio totaal cijfer wynik suma razem coursetotal"""
_ITEMS = """
    item question problem exercise task aufgabe frage exercice pregunta ejercicio
    domanda esercizio questao pergunta vraag opgave fraga uppgift pytanie zadanie otazka
    вопрос задача 题目 問題 문제"""
_QUESTIONS = """
    q qu f fr a aufg ex e i it p pr t quiz test hw homework assignment assessment
    antwort answer response r hausaufgabe uebung ubung teilaufgabe"""
_ANSWERS = """
    correct iscorrect correctness corrects wascorrect right isright answeredcorrectly
    correctfirstattempt firstattempt outcome richtig korrekt juste correcto corretto
    correto goed ratt rigtig poprawne правильно 正确 是否正确"""
_ORDERS = """
    orderid order timestamp starttime time datetime date logid datum zeit uhrzeit
    zeitstempel fecha hora heure"""
_SKILLS = """
    skill kc concept topic competency thema kompetenz fertigkeit competence habilidad
    tema"""
_SUMMARIES = """
    average overallaverage mean total sum durchschnitt gesamtdurchschnitt mittelwert
    summe gesamt moyenne promedio media median"""
_FULL_MARKS = """
    pointspossible maxpoints maximumpoints fullmarks maximalpunkte maximalpunktzahl
    hochstpunktzahl hoechstpunktzahl"""
_ADDED = ("ids", "id", "no", "nr", "number", "nummer", "name", "code", "key")
_SETS = {
    name: frozenset(words.split())
    for name, words in {
        "student": _STUDENTS,
        "also": _ALSO_STUDENTS,
        "mail": _MAILS,
        "person": _PEOPLE,
        "not asked": _NOT_ASKED,
        "total": _TOTALS,
        "item": _ITEMS,
        "question": _QUESTIONS,
        "answer": _ANSWERS,
        "order": _ORDERS,
        "skill": _SKILLS,
        "summary": _SUMMARIES,
        "full marks": _FULL_MARKS,
    }.items()
}


def told_by(name, *sets):
    """Tell whether a name, or it without what is added to it, is in some sets."""
    texts = list(_spell(name))
    texts += [
        text.removesuffix(end)
        for text in texts
        for end in _ADDED
        if text.endswith(end) and text != end
    ]
    return any(text in _SETS[which] for which in sets for text in texts)


def is_student(name):
    """Tell a name that says who answered.

    >>> [is_student(name) for name in ("Schüler-Nr.", "user_id", "name", "Q1")]
    [True, True, False, False]
    """
    return told_by(name, "student")


def is_answer(name):
    """Tell a name of the answers of a table with a row for each."""
    return told_by(name, "answer")


def is_item(name):
    """Tell a name of a question."""
    return told_by(name, "item")


def is_question(name):
    """Tell a name such as Q1 or Aufgabe 3, what is counted being left out."""
    return told_by(name, "item", "question")


def is_known(name):
    """Tell a name that columns of logs have, in any role."""
    return told_by(
        name, *("student", "also", "mail", "person", "item", "answer", "order"), "skill"
    ) or told_by(name, "total", "not asked")


def _spell(name):
    """Return a name in small letters without accents, umlauts left or written out."""
    for out in (False, True):
        text = name.casefold().replace("ß", "ss")
        if out:
            for umlaut, written in zip("äöü", ("ae", "oe", "ue"), strict=True):
                text = text.replace(umlaut, written)
        yield re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", fold(text)))
