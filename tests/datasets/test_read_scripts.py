"""A text without UTF-8 is read as Windows-1252 only where its letters look so."""

import pytest

from sktrace.datasets._read_problems import ReadingError

HEADER = "user_id,order_id,skill_name,correct\n"
OTHERS = {
    "gb18030": ["张三,1,加法,1", "李四,2,减法,0"],
    "cp932": ["山田太郎,1,足し算,1", "佐藤ハナ,2,引き算,0"],
    "big5": ["張三,1,減法,1", "李小龍,2,學習,0"],
    "euc-kr": ["김철수,1,덧셈,1", "이영희,2,뺄셈,0"],
    "cp1251": ["Иванов,1,дроби,1", "Петрова,2,сложение,0"],
    "koi8-r": ["Иванов,1,дроби,1", "Петрова,2,сложение,0"],
    "cp1253": ["Γιώργος,1,κλάσματα,1", "Μαρία,2,πρόσθεση,0"],
    "cp1255": ["משה,1,שברים,1", "שרה,2,חיבור,0"],
    "cp1256": ["محمد,1,الكسور,1", "فاطمة,2,الجمع,0"],
    "cp1250": ["Małgosia,1,książka,1", "Żółw,2,dodawanie,0"],
    "cp1254": ["Doğan,1,kesirler,1", "Ayşe,2,toplama,0"],
}
WESTERN = {
    "English": ["“Bob”,1,“so…”—,1", "O’Neil,2,5 £–6 €,0"],
    "German": ["Größe,1,Brüche,1", "Jürgen Weiß,2,Flächen (m²),0"],
    "French": ["Zoé,1,«créée»,1", "François,2,cœur … été,0"],
    "Spanish": ["Íñigo,1,¿qué?,1", "Peña,2,¡división!,0"],
    "Nordic": ["Åse,1,brøker,1", "Søren Ærø,2,præcis,0"],
    "Icelandic": ["Þórður,1,brot,1", "Guðrún,2,frádráttur,0"],
    "Portuguese": ["João,1,frações,1", "Inês,2,adição nº 3,0"],
}


@pytest.mark.parametrize("encoding", OTHERS)
def test_letters_of_other_scripts_are_asked_about(read, encoding):
    text = HEADER + "\n".join(OTHERS[encoding])
    data = text.encode(encoding)
    with pytest.raises(ReadingError, match="is not written in UTF-8") as error:
        read(data)
    offered = [argument.value for argument in error.value.repairs]
    assert encoding in offered
    X = read(data, encoding=encoding)
    assert X["skill_name"].tolist() == [row.split(",")[2] for row in OTHERS[encoding]]


@pytest.mark.parametrize("rows", WESTERN.values(), ids=WESTERN)
def test_accents_and_umlauts_are_read_as_they_are(read, rows):
    X = read((HEADER + "\n".join(rows)).encode("cp1252"))
    assert X["skill_name"].tolist() == [row.split(",")[2] for row in rows]
