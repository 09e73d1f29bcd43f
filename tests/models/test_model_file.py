"""Saving and loading: the same net to the bit, or one error that says which file and what to do."""

import io
import json
import zipfile

import numpy as np
import pytest
from minigraph.models import DeepNet, LogisticRegression, ModelFileError, NotFittedError, load


def bits(net):
    return [node.value.tobytes() for node in net.parameters]


def examples(output, generator):
    X = generator.normal(size=(4, 30))
    targets = {
        "sigmoid": generator.integers(0, 2, (1, 30)),
        "softmax": np.array([["low", "middle", "high"] * 10]),
        "identity": 1e5 + 2e4 * X[:2],
        "relu": np.abs(7 + X[:1]),
    }
    return X, targets[output]


NETS = {
    "sigmoid": lambda: DeepNet([4, 3, 1], hidden="leaky_relu", slope=0.2, labels=("no", "yes")),
    "softmax": lambda: DeepNet([4, 5, 3], hidden="relu", initializer="xavier"),
    "identity": lambda: DeepNet([4, 3, 3, 2], hidden=["tanh", "sigmoid"], output="identity"),
    "relu": lambda: DeepNet([4, 1], output="relu", standardize=False),
}


def fitted(output, epochs=4, net=None, **options):
    X, Y = examples(output, np.random.default_rng(1))
    net = net or NETS[output]()
    if net.head.labels == ("no", "yes"):
        Y = np.array(["no", "yes"])[Y]
    return net.fit(X, Y, epochs=epochs, batch_size=8, rate=0.01, feature_names=list("abcd"), **options), X, Y


@pytest.mark.parametrize("output", NETS)
def test_a_loaded_net_is_the_saved_one(output, tmp_path):
    net, X, Y = fitted(output)
    net.target_name = "target"
    again = load(net.save(tmp_path / "model.npz"))
    assert type(again) is type(net) and repr(again) == repr(net) and again.settings() == net.settings()
    assert bits(again) == bits(net)
    assert again.predict(X).tolist() == net.predict(X).tolist()
    assert again.score(X, Y) == net.score(X, Y) and again.cost(X, Y) == net.cost(X, Y)
    assert again.head.labels == net.head.labels
    assert again.history == net.history
    assert (again.feature_names, again.target_name) == (("a", "b", "c", "d"), "target")


@pytest.mark.parametrize("output", NETS)
@pytest.mark.parametrize("k", [1, 3])
def test_k_epochs_save_load_and_the_rest_equal_all_epochs_to_the_bit(output, k, tmp_path):
    whole, X, Y = fitted(output, epochs=5)
    part, _, _ = fitted(output, epochs=k)
    again = load(part.save(tmp_path / "model.npz")).fit(X, Y, epochs=5 - k, batch_size=8, rate=0.01, resume=True)
    assert bits(again) == bits(whole)
    assert again.history.cost == whole.history.cost
    in_memory, _, _ = fitted(output, epochs=k)
    fitted(output, epochs=5 - k, net=in_memory, resume=True)
    assert bits(in_memory) == bits(whole)


def test_a_loaded_net_can_be_fitted_anew(tmp_path):
    net, X, _ = fitted("softmax")
    again = load(net.save(tmp_path / "model.npz"))
    other = np.array([["red", "green", "blue"] * 10])
    assert again.fit(X, other, epochs=1).head.labels == ("blue", "green", "red")


def test_logistic_regression_and_validation_history(tmp_path):
    X, Y = examples("sigmoid", np.random.default_rng(0))
    net = LogisticRegression().fit(X, Y, epochs=2).fit(X, Y, epochs=2, validation=(X, Y), resume=True)
    again = load(net.save(tmp_path / "a name with blanks.npz"))
    assert len(again.history) == 4 and np.isnan(again.history.validation_cost[:2]).all()
    assert again.history.validation_cost[2:] == net.history.validation_cost[2:]
    again.fit(X, Y, epochs=1, resume=True)
    assert len(again.history.validation_cost) == 5 and np.isnan(again.history.validation_cost[4])
    assert again.history.to_csv().count("\n") == 6


def test_numpy_reads_the_arrays_and_a_human_the_manifest(tmp_path):
    net, _, _ = fitted("sigmoid")
    net.save(tmp_path / "model.npz")
    with np.load(tmp_path / "model.npz", allow_pickle=False) as file:
        assert file["W1"].tobytes() == bits(net)[0]
    with zipfile.ZipFile(tmp_path / "model.npz") as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["version"] == 2 and manifest["settings"]["sizes"] == [4, 3, 1]
    assert manifest["labels"] == ["no", "yes"]


def test_the_same_net_makes_the_same_file(tmp_path):
    net, _, _ = fitted("softmax")
    one, other = net.save(tmp_path / "one.npz"), net.save(tmp_path / "other.npz")
    assert one.read_bytes() == other.read_bytes()


def test_an_untrained_net_is_not_saved(tmp_path):
    with pytest.raises(NotFittedError, match="not been trained"):
        DeepNet([2, 1]).save(tmp_path / "x.npz")
    assert not list(tmp_path.iterdir())


# What can be wrong with a file


@pytest.fixture
def parts(tmp_path):
    """The members of a good model file, and a function that writes them changed and loads the result."""
    net, _, _ = fitted("sigmoid")
    path = net.save(tmp_path / "model.npz")
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}

    def reload(changed, compression=zipfile.ZIP_STORED):
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, content in changed.items():
                archive.writestr(name, content)
        return load(path)

    return members, reload


def with_manifest(members, **entries):
    manifest = json.loads(members["manifest.json"])
    for name, value in entries.items():
        if value is KeyError:
            del manifest[name]
        elif isinstance(value, dict) and name == "settings":
            manifest[name] |= value
        else:
            manifest[name] = value
    return members | {"manifest.json": json.dumps(manifest)}


def npy(array, allow_pickle=False):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array), version=(1, 0), allow_pickle=allow_pickle)
    return stream.getvalue()


def forged_header(shape, dtype="'<f8'"):
    header = f"{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


def test_the_parts_reload_as_they_are(parts):
    members, reload = parts
    assert bits(reload(members)) == bits(fitted("sigmoid")[0])


def test_a_file_of_an_older_version_is_read(parts):
    """Without means and without what was trained on; with blanks around names."""
    members, reload = parts
    older = {name: content for name, content in members.items() if name != "feature_means.npy"}
    net = reload(with_manifest(older, trained_on=KeyError, feature_names=[" a", "b ", "c", "d"]))
    assert net.feature_names == ("a", "b", "c", "d") and net.trained_on is None
    assert net.feature_means.tolist() == net.standardization.mean.tolist()
    assert reload(with_manifest(older, settings={"standardize": False})).feature_means is None


@pytest.mark.parametrize(
    "entries, text",
    [
        ({"format": "other"}, "its manifest is of another format"),
        ({"version": 3, "minigraph": "9.0"}, "written by minigraph 9.0 in format 3, but this one reads up to 2. Update"),
        ({"version": 3, "minigraph": None}, "'minigraph'"),
        ({"version": "1"}, "'version'"),
        ({"version": True}, "'version'"),
        ({"kind": "os.system"}, "'kind'"),
        ({"kind": "LogisticRegression"}, "its settings make no net"),
        ({"kind": None}, "'kind'"),
        ({"settings": 3}, "'settings'"),
        ({"settings": {"sizes": [4, -3, 1]}}, "'settings'"),
        ({"settings": {"sizes": "431"}}, "'settings'"),
        ({"settings": {"sizes": [4, 3.0, 1]}}, "'settings'"),
        ({"settings": {"sizes": []}}, "its settings make no net"),
        ({"settings": {"sizes": [10**12, 10**12, 1]}}, "ask for 1,000,000,000,002,000,000,000,001 parameters"),
        ({"settings": {"sizes": [4, 2, 1]}}, "array 'W1' is"),
        ({"settings": {"hidden": ["exec"]}}, "no 'exec'"),
        ({"settings": {"hidden": 5}}, "its settings make no net"),
        ({"settings": {"surprise": 1}}, "its settings make no net"),
        ({"settings": {"seed": -1}}, "its settings make no net"),
        ({"settings": {"slope": "x"}}, "its settings make no net"),
        ({"labels": ["a"]}, "'labels'"),
        ({"labels": ["a", "a"]}, "'labels'"),
        ({"labels": [["a"], ["b"]]}, "'labels'"),
        ({"labels": None}, "'labels'"),
        ({"feature_names": ["a"]}, "'feature_names'"),
        ({"feature_names": [1, 2, 3, 4]}, "'feature_names'"),
        ({"target_name": 7}, "'target_name'"),
        ({"epochs": -1}, "'epochs'"),
        ({"epochs": 5}, "array 'history' is"),
        ({"epochs": 10**15}, "array 'history' is"),
        ({"history": ["cost"]}, "'history'"),
        ({"shuffling": {}}, "'shuffling'"),
        ({"shuffling": {"bit_generator": "PCG64", "state": {"state": -1, "inc": 2}}}, "'shuffling'"),
        ({"shuffling": {"bit_generator": "PCG64", "state": 5}}, "'shuffling'"),
        ({"shuffling": KeyError}, "'shuffling'"),
    ],
)
def test_a_manifest_that_is_wrong_is_refused(parts, entries, text):
    members, reload = parts
    with pytest.raises(ModelFileError, match=text) as caught:
        reload(with_manifest(members, **entries))
    assert "model.npz: " in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[" * 100_000, b'{"format": NaN}', b"[]", b"1" * 5000],
    ids=["empty", "cut", "not UTF-8", "deep", "NaN", "list", "long number"],
)
def test_a_manifest_that_is_no_json_object_is_refused(parts, content):
    members, reload = parts
    with pytest.raises(ModelFileError, match="manifest"):
        reload(members | {"manifest.json": content})


@pytest.mark.parametrize("shape", ["(3, 4)", "(1099511627776, 1099511627776)", "(4, 3)", "(-3, 4)", "('x',)", "()"])
def test_a_forged_shape_is_refused_before_anything_is_allocated(parts, shape):
    import tracemalloc

    members, reload = parts
    tracemalloc.start()
    with pytest.raises(ModelFileError, match="'W1'"):
        reload(members | {"W1.npy": forged_header(shape)})
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_a_pickle_inside_is_refused_and_not_run(parts, tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "trap"), "w"))

    members, reload = parts
    trap = np.array([Trap()], dtype=object)
    with pytest.raises(ModelFileError, match=r"'W1' is \(1,\) of \|O"):
        reload(members | {"W1.npy": npy(trap, allow_pickle=True)})
    assert not (tmp_path / "trap").exists()


@pytest.mark.parametrize(
    "name, content, text",
    [
        ("W1.npy", b"", "'W1' is missing or unreadable"),
        ("W1.npy", b"\x93NUMPY\x02\x00" + bytes(100), "'W1' is missing or unreadable"),
        ("W1.npy", forged_header("(3, 4)") + bytes(95), r"'W1' is \(3, 4\) of <f8"),
        ("W1.npy", forged_header("(3, 4)", "'<f4'") + bytes(96), "'W1' is .* of <f4"),
        ("W1.npy", npy(np.full((3, 4), np.nan)), "its parameters are not finite"),
        ("feature_scale.npy", npy(np.zeros((4, 1))), "the scale of its features is not finite and above 0"),
        ("target_mean.npy", npy(np.full((1, 1), np.inf)), "the scale of its targets"),
        ("feature_means.npy", npy(np.full((4, 1), np.nan)), "the means of its features are not finite"),
        ("feature_means.npy", npy(np.zeros((3, 1))), r"'feature_means' is \(3, 1\) of <f8"),
    ],
)
def test_an_array_that_is_wrong_is_refused(parts, name, content, text):
    members, reload = parts
    with pytest.raises(ModelFileError, match=text):
        reload(members | {name: content})


def test_a_compressed_archive_is_refused_so_a_zip_bomb_can_not_unfold(parts):
    import tracemalloc

    members, reload = parts
    bomb = members | {"W1.npy": bytes(200_000_000)}
    path_error = pytest.raises(ModelFileError, match="its members are compressed")
    tracemalloc.start()
    with path_error:
        reload(bomb, zipfile.ZIP_DEFLATED)
    tracemalloc.stop()


def test_overlapping_members_are_refused(parts, tmp_path):
    members, _ = parts
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("manifest.json", members["manifest.json"])
        info = archive.infolist()[0]
        for i in range(50):  # all of them claim the same bytes
            twin = zipfile.ZipInfo(f"{i}.npy")
            twin.header_offset, twin.CRC, twin.file_size, twin.compress_size = 0, info.CRC, info.file_size, info.file_size
            archive.filelist.append(twin)
            archive.NameToInfo[twin.filename] = twin
        archive._didModify = True
    (tmp_path / "x.npz").write_bytes(stream.getvalue())
    with pytest.raises(ModelFileError, match="claim more bytes than the file has"):
        load(tmp_path / "x.npz")


@pytest.mark.parametrize(
    "content, text",
    [
        (b"", "not a model file"),
        (b"\x80\x04\x95", "not a model file"),
        (b"diagnosis,size\n1,2\n", "not a model file"),
        (b"PK\x03\x04" + bytes(40), "damaged or cut short"),
    ],
)
def test_foreign_files_are_refused(tmp_path, content, text):
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(ModelFileError, match=f"x.npz: {text}"):
        load(tmp_path / "x.npz")


def test_an_npz_of_somebody_else_a_folder_and_a_missing_file(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.zeros(3))
    with pytest.raises(ModelFileError, match="an archive without a manifest"):
        load(tmp_path / "x.npz")
    with pytest.raises(ModelFileError, match=r"is not a file\. Give the model file"):
        load(tmp_path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.npz")


def test_a_file_that_is_too_large_is_not_read_into_memory(tmp_path):
    from minigraph.models import model_file

    with open(tmp_path / "huge.npz", "wb") as file:
        file.truncate(model_file.LARGEST + 1)  # a sparse file
    with pytest.raises(ModelFileError, match="larger than 1024 MiB"):
        load(tmp_path / "huge.npz")
