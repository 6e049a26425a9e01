/**
 * A worker process of a study: what is started, not imported. Tasks become experiments, jobs results; the
 * executor speaks with it.
 */
import { serveJobs } from "../../executors/worker";
import { experimentOfTask } from "./experiment-of-task";

serveJobs(experimentOfTask);
