"""Words for right, wrong and no answer, in the languages that logs are written in."""

from .._words import fold

__all__ = ["LETTERS", "NONE", "WORDS", "plain_word"]

# A word stands here only if it means the same in each of the languages.
_RIGHT = """
correct right true yes passed pass success successful|
richtig korrekt wahr ja bestanden|vrai juste oui exact exacte correcte réussi réussie|
verdadero correcto correcta sí acertado acertada|vero giusto giusta corretto corretta|
verdadeiro verdadeira certo certa correto correta sim|
waar juist goed geslaagd|rätt sant riktig riktigt godkänd godkänt|
rigtig rigtigt sandt bestået|rett bestått|oikein tosi kyllä|
prawda tak poprawna poprawnie poprawny dobrze|ano správně pravda|
верно правильно да истина|так вірно|doğru evet|σωστό σωστά ναι αληθές|
对 對 是 正确 正確|正解 はい 正|예 네 맞음 정답 참|نعم صحيح صح|כן נכון|
✓ ✔ ✅
"""
_WRONG = """
incorrect wrong false no failed fail failure not_correct not_passed|
falsch inkorrekt unwahr nein nicht_bestanden nicht_richtig|
faux fausse non incorrecte échoué échouée|falso falsa incorrecto incorrecta|
sbagliato sbagliata errato errata scorretto|
errado errada incorreto incorreta não|onwaar onjuist fout nee gezakt|
fel falskt nej underkänd|forkert falsk ikke_bestået|nei feil galt usant ikke_bestått|
väärin epätosi ei|fałsz niepoprawna niepoprawnie niepoprawny źle nie|
ne špatně nepravda|неверно неправильно нет ложь|ні невірно хибно|
yanlış hayır|λάθος όχι ψευδές|错 錯 否 错误 錯誤|不正解 いいえ 誤|
아니요 아니오 틀림 오답 거짓|لا خطأ|לא שגוי לא_נכון|
✗ ✘ ❌ hint
"""  # hint: DataShop's convention: who asks for help has not solved the step
_NONE = """
- -- – — . skipped skip blank unanswered not_answered no_answer no_response omitted
übersprungen nicht_beantwortet unbeantwortet keine_antwort k.a. leer ausgelassen|
sans_réponse non_répondu|sin_respuesta sin_contestar|senza_risposta|sem_resposta|
geen_antwoord overgeslagen|未答 未作答 無回答 无回答
"""
# Letters of two meanings: right, then wrong.
_PAIRS = (
    *("yn", "tf", "jn", "rf", "sn", "on", "wf", "vf", "rw", "ci", "pf", "gf", "дн"),
    *("tn", "○×", "◯×"),
)


def plain_word(text):
    """Write a word small, without accents and blanks around, for comparison."""
    folded = fold(text).replace("ı", "i").replace("ł", "l").replace("ø", "o")
    return " ".join(folded.split())


def _split(text):
    words = text.replace("|", " ").split()
    return {plain_word(word.replace("_", " ")) for word in words}


WORDS = dict.fromkeys(_split(_RIGHT), 1.0) | dict.fromkeys(_split(_WRONG), 0.0)
NONE = frozenset(_split(_NONE))
LETTERS = {frozenset(pair): dict(zip(pair, (1.0, 0.0), strict=True)) for pair in _PAIRS}
