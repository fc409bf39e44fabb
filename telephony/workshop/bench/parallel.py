"""One function on many jobs, several processes at a time."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def in_processes(work: Callable[[Job], Result], jobs: Sequence[Job], processes: int) -> Iterator[tuple[Job, Result]]:
    """Yield each job with its result, in the order they are done.

    Args:
        work: a function of a module; it and the jobs go to other processes.
        jobs: what to do, begun in this order.
        processes: how many at a time, at most one per job; 1 does it in this process.
    """
    processes = min(processes, len(jobs))
    if processes <= 1:
        yield from ((job, work(job)) for job in jobs)
        return
    # Fresh interpreters: a fork would copy the threads of a progress bar.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(work, job): job for job in jobs}
        try:
            for done in as_completed(running):
                yield running[done], done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
