"""Parquet files as one log, whose types hold what each of the files holds."""

from pathlib import Path

__all__ = ["open_files"]

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


def open_files(files, root):
    """Open files as one dataset.

    Parameters
    ----------
    files : list of str
        With their whole paths.
    root : str
        Folders below it may name a partition: ``part=3``.

    Returns
    -------
    pyarrow.dataset.Dataset
        With a schema that holds what is in any file.

    Raises
    ------
    ValueError
        If a file cannot be read, or types do not go together.
    """
    keys = _find_keys(files, root)
    opened = _open(files, root, keys)
    schema = _unite(list(opened.get_fragments()), keys)
    stored = keys
    for place, key in enumerate(keys):  # which may be a column of the files, too
        stored = stored.set(place, key.with_type(schema.field(key.name).type))
    if not stored.equals(keys):
        opened = _open(files, root, stored)
    return opened.replace_schema(schema)


def _open(files, root, keys):
    from pyarrow import dataset

    return dataset.dataset(
        files,
        schema=keys,
        format="parquet",
        partitioning=dataset.partitioning(keys, flavor="hive"),
        partition_base_dir=root,
    )


def _find_keys(files, root):
    """Return the columns that names of folders tell, and their types.

    Numbers are whole, and written as a number is: "007" stays text.
    """
    import pyarrow as pa

    values = {}
    for file in files:
        for part in Path(file).relative_to(root).parts[:-1]:
            name, told, value = part.partition("=")
            if told:
                values.setdefault(name, set()).add(value)
    return pa.schema(
        [
            (name, pa.int64() if all(map(_is_number, own)) else pa.string())
            for name, own in ((name, own - {NO_VALUE}) for name, own in values.items())
        ]
    )


def _is_number(text):
    digits = text.removeprefix("-")
    return len(text) < 19 and digits.isdecimal() and str(int(text)) == text


def _unite(fragments, keys):
    """Return a schema of all columns of all files, and of the keys."""
    import pyarrow as pa

    known, differ = {}, set()
    for file in fragments:
        for field in _read_schema(file):
            first = known.setdefault(field.name, (field.type, file.path))[0]
            if not field.type.equals(first):
                differ.add(field.name)
    united = {name: kind for name, (kind, _) in known.items()}
    for name in differ:
        united[name] = _plain(united[name])
        for file in fragments:
            place = file.physical_schema.get_field_index(name)
            if place < 0:
                continue
            kind = file.physical_schema.field(place).type
            try:
                united[name] = _merge(united[name], _plain(kind))
            except pa.ArrowException as error:
                first, path = known[name]
                raise ValueError(
                    f"Column {name!r} is {first} in {path!r} and {kind} in "
                    f"{file.path!r}; expected one type. Read the files, convert "
                    f"the column, such as by frame.astype({{{name!r}: str}}), and "
                    "write them anew: shard_interactions(frames, folder)."
                ) from error
    told = {field.name: field.type for field in keys if field.name not in united}
    return pa.schema(list((united | told).items()))


def _read_schema(file):
    import pyarrow as pa

    try:
        return file.physical_schema
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise ValueError(
            f"{file.path!r} is no Parquet file that is whole ({error}); expected one. "
            "Leave it out; or, if it is a text file, write it as Parquet: "
            "shard_interactions(path, folder)."
        ) from error


def _plain(kind):
    """Return the type of what stands in a column that other files write otherwise."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return kind.value_type
    return pa.int8() if pa.types.is_boolean(kind) else kind


def _merge(one, other):
    """Return a type that holds what either does."""
    import pyarrow as pa

    schemas = [pa.schema([("column", kind)]) for kind in (one, other)]
    return pa.unify_schemas(schemas, promote_options="permissive").field(0).type
