import { fork, type ChildProcess } from 'node:child_process';
import type { Job, JobResult } from './job';

/**
 * Runs jobs in separate processes, each with the running script, which gets `--child`.
 *
 * @param done called with each result, in any order
 */
export async function runJobs(
  jobs: Iterable<Job>,
  workers: number,
  done: (result: JobResult, job: Job) => void,
): Promise<void> {
  const queue = jobs[Symbol.iterator]();
  await Promise.all(Array.from({ length: workers }, () => serve(queue, done)));
}

async function serve(queue: Iterator<Job>, done: (result: JobResult, job: Job) => void): Promise<void> {
  const child = fork(process.argv[1] ?? '', ['--child']);
  try {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      done(await answerOf(child, next.value), next.value);
    }
  } finally {
    child.kill();
  }
}

const answerOf = (child: ChildProcess, job: Job): Promise<JobResult> =>
  new Promise((resolve, reject) => {
    const onExit = (): void => {
      reject(new Error(`a process stopped in the middle of ${JSON.stringify(job)}`));
    };
    child.once('exit', onExit);
    child.once('message', (result) => {
      child.off('exit', onExit);
      resolve(result as JobResult);
    });
    child.send(job);
  });
