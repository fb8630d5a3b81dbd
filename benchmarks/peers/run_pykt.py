"""pyKT's DKT and AKT: its preparation, its windows, its training loop.

The package on the index, 0.0.38, is the newest there; it has no simpleKT. Settings are
those of pyKT's `kt_config.json`, but for AKT's learning rate, which is that of its
script `wandb_akt_train.py`: 1e-4, not 1e-5, which needs ten times the epochs. (That
script has four blocks, not one; a batch of 64 then takes half a minute of one core, and
12 GB.) A fifth of the training students, pyKT's fold 0, chooses the epoch. Test rows
are predicted as for pyKT's `window` scores, from the 199 rows before each.

With item_id, rows of one moment that name one item are one question, and its rows are
predicted as in pyKT's question-level evaluation: each from the questions before, none
from the others of its own question.
"""

import contextlib
import io
import os

os.environ["WANDB_MODE"] = "disabled"

import numpy as np
import pandas as pd
import torch
from pykt.datasets import data_loader
from pykt.models import init_model, train_model
from pykt.preprocess import split_datasets as prepare
from pykt.utils import set_seed
from runner import TimeUp, run
from torch.utils.data import DataLoader

# user code: dkt
DKT = {"emb_size": 200, "dropout": 0.1}
LEARNING_RATE, BATCH_SIZE = 1e-3, 256
# end of user code
# user code: akt
AKT = {"d_model": 256, "n_blocks": 1, "dropout": 0.05, "d_ff": 256}
AKT_LEARNING_RATE, AKT_BATCH_SIZE = 1e-4, 64
# end of user code
MODELS = {
    "dkt": (DKT, LEARNING_RATE, BATCH_SIZE),
    "akt": (AKT, AKT_LEARNING_RATE, AKT_BATCH_SIZE),
}
N_EPOCHS = 200  # of kt_config.json; ends 10 epochs after the best

torch.set_num_threads(1)

# user code
COLUMNS = {"concepts": "skill_name", "questions": "item_id"}
# The package asks for tensors on a GPU, whatever machine it is on.
data_loader.LongTensor = torch.LongTensor
data_loader.FloatTensor = torch.FloatTensor


def write_sequences(log, path, ids):
    """Write pyKT's six lines per student, read them by pyKT, and name rows."""
    by = ["user_id", "order_id"]
    has_items = "item_id" in log
    question = [*by, "item_id"] if has_items else by
    if not has_items:  # nothing tells which rows are one question
        log = log.assign(order_id=np.arange(len(log)))
    questions = log.groupby(question, sort=False)
    questions = questions.agg(
        skill=("skill_name", lambda own: "_".join(map(str, own))),
        correct=("correct", "first"),
    ).reset_index()
    with open(path, "w") as file:
        for student, own in questions.groupby("user_id", sort=False):
            items = ",".join(map(str, own["item_id"])) if has_items else "NA"
            skills, answers = ",".join(own["skill"]), ",".join(map(str, own["correct"]))
            file.write(f"{student},{len(own)}\n{items}\n{skills}\n{answers}\nNA\nNA\n")
    frame, keys = prepare.read_data(path)
    frame, keys = prepare.extend_multi_concepts(frame, keys)
    ids = {key: ids[key] for key in keys & set(ids)}
    for key, codes in ids.items():
        frame[key] = [
            ",".join(str(codes[name]) for name in row.split(",")) for row in frame[key]
        ]
    rows = pd.Series(np.arange(len(log)).astype(str)).groupby(log["user_id"].to_numpy())
    rows = rows.agg(",".join)
    frame["cidxs"] = [rows[int(student)] for student in frame["uid"]]
    return frame, {*keys, "cidxs"}


def make_loader(path, input_type, folds, batch_size):
    return DataLoader(data_loader.KTDataset(path, input_type, folds), batch_size)


# end of user code


def fit(train, names, options):
    """Train as pyKT's script does, until its own early stopping or the limit."""
    settings, learning_rate, batch_size = MODELS[options.model]
    folder = options.folder
    with contextlib.redirect_stdout(io.StringIO()) as told:
        # user code
        set_seed(3407)
        ids = {
            key: {str(name): code for code, name in enumerate(names[column])}
            for key, column in COLUMNS.items()
            if column in names
        }
        config = {
            "num_c": len(names["skill_name"]),
            "num_q": len(names.get("item_id", [])),
            "emb_path": "",
        }
        frame, keys = write_sequences(train, f"{folder}/data.txt", ids)
        frame = prepare.KFold_split(frame, 5)
        path = f"{folder}/train_valid_sequences.csv"
        prepare.generate_sequences(frame, {*keys, "fold"}).to_csv(path, index=False)
        train_loader = make_loader(path, list(ids), {1, 2, 3, 4}, batch_size)
        valid_loader = make_loader(path, list(ids), {0}, batch_size)
        model = init_model(options.model, settings, config, "qid")
        optimizer = torch.optim.Adam(model.parameters(), learning_rate)
        # end of user code
        try:
            train_model(  # + user code, with what follows
                model,
                train_loader,
                valid_loader,
                options.epochs or N_EPOCHS,
                optimizer,
                folder,
                save_model=True,
            )
        except TimeUp:
            options.stopped = True
        # user code
        model.load_state_dict(torch.load(f"{folder}/qid_model.ckpt"))
        # end of user code
    epochs = [line for line in told.getvalue().splitlines() if "Epoch:" in line]
    options.notes["epochs"] = len(epochs)
    options.notes["last"] = epochs[-1].split(", emb_type")[0] if epochs else ""
    return model, ids, folder


def predict(fitted, test, options):
    """Predict every row that pyKT predicts, and put each where it stood in `test`."""
    model, ids, folder = fitted
    batch_size = MODELS[options.model][2]
    if test.groupby("user_id")["order_id"].nunique().max() < 3:
        return np.full(len(test), np.nan)  # pyKT drops students of less than 3 answers
    with contextlib.redirect_stdout(io.StringIO()):
        # user code
        frame, keys = write_sequences(test, f"{folder}/test.txt", ids)
        frame, keys = frame.assign(fold=-1), {*keys, "fold"}
        if "questions" in ids:
            _, windows = prepare.generate_question_sequences(frame, keys)
        else:
            windows = prepare.generate_window_sequences(frame, keys)
        path = f"{folder}/test_sequences.csv"
        windows.to_csv(path, index=False)
        model.eval()
        p = np.full(len(test), np.nan)
        rows = np.array([row.split(",") for row in windows["cidxs"]]).astype(int)[:, 1:]
        first = 0
        with torch.no_grad():
            for batch in make_loader(path, list(ids), {-1}, batch_size):
                skill, asked = batch["cseqs"].long(), batch["shft_cseqs"].long()
                answer = batch["rseqs"].long()
                # end of user code
                if options.model == "dkt":
                    # user code: dkt
                    known = model(skill, answer)
                    y = known.gather(2, asked[..., None])[..., 0]
                    # end of user code
                else:
                    # user code: akt
                    shifted = batch["shft_rseqs"].long()
                    item, next_item = batch["qseqs"].long(), batch["shft_qseqs"].long()
                    whole = [(skill, asked), (answer, shifted), (item, next_item)]
                    whole = [torch.cat([a[:, :1], b], dim=1) for a, b in whole]
                    y = model(*whole)[0][:, 1:]
                    # end of user code
                # user code
                scored = batch["smasks"].numpy()
                own = rows[first : first + len(scored)]
                p[own[scored]] = y.numpy()[scored]
                first += len(scored)
        # end of user code
    return p


if __name__ == "__main__":
    run(fit, predict, list(MODELS))
