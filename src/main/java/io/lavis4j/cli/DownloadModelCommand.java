package io.lavis4j.cli;

import io.lavis4j.download.DownloadPlan;
import io.lavis4j.download.Downloader;
import io.lavis4j.download.WeightRequest;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.zoo.ModelZoo;
import io.lavis4j.zoo.WeightFiles;
import io.lavis4j.zoo.WeightRequests;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Fetches what a model is made of. */
@Command(
        name = "model",
        description = {
            "Fetch what a published type, or the model of a configuration, is made of: the checkpoint, the vision encoder,"
                    + " BERT, the language model.",
            "Files go to TORCH_HOME/hub/checkpoints, models to the cache of the Hugging Face hub, where other programs"
                    + " find them, too. What is found on this machine is named, and not fetched again."
        })
final class DownloadModelCommand implements Callable<Integer> {

    @Parameters(index = "0", arity = "0..1", paramLabel = "ARCH", description = "An architecture, as zoo lists them.")
    private @Nullable String arch;

    @Parameters(index = "1", arity = "0..1", paramLabel = "TYPE", description = "One of its types.")
    private @Nullable String type;

    @Option(
            names = "--cfg-path",
            paramLabel = "FILE",
            description = "In place of ARCH and TYPE: a configuration, or the name of one that is shipped.")
    private @Nullable String cfgPath;

    @Option(
            names = "--revision",
            paramLabel = "MODEL=REVISION",
            description = "Of a model on the Hugging Face hub, as facebook/opt-2.7b=refs/pr/3; may be given several"
                    + " times.")
    private Map<String, String> revisions = new LinkedHashMap<>();

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description =
                    "Of the Hugging Face hub, in place of HF_TOKEN and HF_HOME/token; others may see it in the list"
                            + " of processes.")
    private @Nullable String token;

    @Mixin
    private final ConfigOptions settings = new ConfigOptions();

    @Mixin
    private final DownloadOptions options = new DownloadOptions();

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() throws IOException, InterruptedException {
        var requests = requests(WeightFiles.in(List.of()));
        for (String name : revisions.keySet()) {
            console.require(
                    requests.stream().anyMatch(request -> request.reference().equals(name)),
                    "--revision",
                    name,
                    "one of " + requests.stream().map(WeightRequest::reference).toList());
        }
        return options.run(console, token, downloader -> plans(downloader, requests));
    }

    private List<WeightRequest> requests(WeightFiles weights) {
        if (cfgPath != null) {
            if (arch != null) {
                throw console.wrong("expected either ARCH and TYPE or --cfg-path");
            }
            return WeightRequests.of(
                    JobConfig.withoutData(settings.load(cfgPath)).model().sources(), weights);
        }
        if (arch == null || type == null) {
            throw console.wrong("expected ARCH and TYPE, as blip2_opt pretrain_opt2.7b, or --cfg-path FILE");
        }
        console.require(settings.isEmpty(), "--options", "without --cfg-path", "--cfg-path FILE, too");
        return WeightRequests.of(new ModelZoo().get(arch).type(type).sources(), weights);
    }

    private List<DownloadPlan> plans(Downloader downloader, List<WeightRequest> requests) throws InterruptedException {
        var plans = new ArrayList<DownloadPlan>();
        for (var request : requests) {
            plans.add(downloader.weights(request, revisions.get(request.reference())));
        }
        return plans;
    }
}
