package io.lavis4j.cli;

import io.lavis4j.doctor.Doctor;
import io.lavis4j.doctor.Finding;
import io.lavis4j.io.JsonText;
import io.lavis4j.runner.JobConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Examines the machine. */
@Command(
        name = "doctor",
        description = {
            "Look at this machine: Java, libtorch, driver, GPUs, settings, folders, weights; with --cfg-path also at what a"
                    + " job needs.",
            "One line each: ok, note or FAULT, what was found and what to do. A FAULT stops training or captioning, and"
                    + " makes the exit status 1."
        })
final class DoctorCommand implements Callable<Integer> {

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "cpu, cuda, cuda:N or auto, with which a GPU need not be there (default: that of the"
                    + " configuration, or auto).")
    private @Nullable String device;

    @Option(
            names = "--cfg-path",
            paramLabel = "FILE",
            description = "A job to look at too: a configuration, or the name of one that is shipped.")
    private @Nullable String cfgPath;

    @Option(names = "--json", description = "One JSON object: sound, and the list of findings.")
    private boolean json;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        console.require(
                device == null || device.matches("cpu|cuda(:\\d{1,3})?|auto"),
                "--device",
                String.valueOf(device),
                "cpu, cuda, cuda:N or auto");
        console.require(
                cfgPath != null || options.isEmpty(), "--options", "without --cfg-path", "--cfg-path FILE, too");
        var job = cfgPath == null ? null : JobConfig.withoutData(options.load(cfgPath));
        String asked = device != null ? device : job != null ? job.run().device() : "auto";
        var findings = new Doctor(asked, job).examine();
        boolean sound = findings.stream().noneMatch(Finding::isFault);
        if (json) {
            console.out().println(object(sound, findings));
        } else {
            findings.forEach(console.out()::println);
        }
        return sound ? 0 : 1;
    }

    private static String object(boolean sound, List<Finding> findings) {
        var object = new LinkedHashMap<String, Object>();
        object.put("sound", sound);
        object.put("findings", findings.stream().map(Finding::asMap).toList());
        return JsonText.of(object);
    }
}
