package io.lavis4j.doctor;

import io.lavis4j.runner.JobConfig;
import io.lavis4j.zoo.WeightFiles;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Examines this machine, and a job that is to run on it.
 *
 * @param device that must be usable: cpu, cuda, cuda:N, or auto, for which a GPU need not be there
 * @param job {@code null} for the machine alone
 */
public record Doctor(String device, @Nullable JobConfig job) {

    /** All findings, of the machine first. */
    public List<Finding> examine() {
        var findings = new ArrayList<Finding>();
        findings.addAll(new MachineCheck().findings());
        var settings = SettingsCheck.ofThisProcess(); // before libtorch is loaded with settings of ours
        findings.addAll(settings.findings());
        var libtorch = settings.endsLibtorch() ? LibtorchCheck.withheld() : LibtorchCheck.run();
        findings.addAll(libtorch.findings());
        findings.addAll(new DeviceCheck(device, libtorch.cuda()).findings());
        findings.addAll(new FolderCheck(job).findings());
        var files = WeightFiles.in(List.of());
        findings.addAll(new WeightsCheck(files, job, libtorch.cuda() != null).findings());
        if (job != null) {
            findings.addAll(new JobCheck(job, device, files, libtorch.cuda()).findings());
        }
        return findings;
    }
}
