"""Where every file lives below the home: the names the hand-run scripts gave them."""

EXAMPLES = "data/raw/intent_examples.json"
CASES = "data/raw/test_cases.json"
PROMPTS = "data/processed/training_prompts.jsonl"
TRAINING = "data/training/train_data.jsonl"
VALIDATION = "data/validation/validation_data.jsonl"
PREPARATION = "data/processed/data_preparation_summary.json"

TUNING_INFO = "results/fine_tuning_info.json"
DEPLOYMENT_INFO = "results/deployment_info.json"
TEST_RESULTS = "results/test_results.json"
ANALYSIS = "results/improvement_analysis.json"

DATA = (EXAMPLES, PROMPTS, TRAINING, VALIDATION, PREPARATION)
RESULTS = (TUNING_INFO, DEPLOYMENT_INFO, TEST_RESULTS, ANALYSIS)


def of_project(project: str, place: str, default_project: str = "tienda") -> str:
    """`place` for the default project; the same below `projects/<name>` of its top folder for any other."""
    if project == default_project:
        return place
    top, rest = place.split("/", 1)
    return f"{top}/projects/{project}/{rest}"
