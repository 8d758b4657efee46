const inJest = (name) => require(require.resolve(name, { paths: [require.resolve('jest')] }));
const { CoverageInstrumenter } = inJest('collect-v8-coverage');
const { default: Runtime } = inJest('jest-runtime');

/** Tests of the templates: they run nothing whose coverage is asked for, and CDK would be counted function by function. */
const WITHOUT_COVERAGE = ['infra'];

/**
 * Jest switches the debugger on as well, which the profiler does not need, and which costs a third of all that coverage costs: it is
 * told of each script that has been loaded.
 */
Object.assign(CoverageInstrumenter.prototype, {
  async startInstrumenting() {
    this.session.connect();
    await this.postSession('Profiler.enable');
    await this.postSession('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  },
  async stopInstrumenting() {
    const { result } = await this.postSession('Profiler.takePreciseCoverage');
    await this.postSession('Profiler.stopPreciseCoverage');
    await this.postSession('Profiler.disable');
    this.session.disconnect();
    return result;
  },
});

/** Jest's own, but for how it takes coverage. */
module.exports = class CoverageRuntime extends Runtime {
  get isCovered() {
    return !WITHOUT_COVERAGE.includes(this._config.displayName.name);
  }

  async collectV8Coverage() {
    if (this.isCovered) await super.collectV8Coverage();
  }

  async stopCollectingV8Coverage() {
    if (this.isCovered) await super.stopCollectingV8Coverage();
  }

  getAllV8CoverageInfoCopy() {
    return this.isCovered ? super.getAllV8CoverageInfoCopy() : [];
  }
};
