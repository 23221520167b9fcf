from pathlib import Path

from deploy.embedded.logs import limit_log


def test_a_long_log_is_moved_aside_while_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "cases.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 100)
        limit_log(log, limit=100)
        writer.write(b"new\n")
    assert log.read_bytes() == b"new\n"
    assert (tmp_path / "cases.log.1").read_bytes() == b"old\n" * 100


def test_a_short_log_stays(tmp_path: Path) -> None:
    log = tmp_path / "cases.log"
    log.write_text("short")
    limit_log(log, limit=100)
    assert log.read_text() == "short"
    assert not (tmp_path / "cases.log.1").exists()
