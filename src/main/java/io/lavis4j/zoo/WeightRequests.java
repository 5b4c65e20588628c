package io.lavis4j.zoo;

import io.lavis4j.download.HubFiles;
import io.lavis4j.download.WeightRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/** What a model is made of, as something to be fetched. */
public final class WeightRequests {

    private WeightRequests() {}

    /**
     * The files and folders of a model, each once, and where they are already. A model's whole folder is asked for also
     * where a checkpoint has its weights, as training may begin with them.
     *
     * @param sources {@link ModelType#sources()}
     */
    public static List<WeightRequest> of(List<? extends WeightSource<?>> sources, WeightFiles weights) {
        var requests = new LinkedHashMap<String, WeightRequest>();
        for (var source : sources) {
            String reference = source.reference();
            var request = switch (source.lookup()) {
                case FILE ->
                    new WeightRequest(
                            reference,
                            WeightRequest.Kind.FILE,
                            weights.findFile(reference).orElse(null));
                case MODEL, MODEL_UNLESS_CHECKPOINT ->
                    new WeightRequest(
                            reference,
                            WeightRequest.Kind.MODEL,
                            whole(weights.findModel(reference)).orElse(null));
                case TOKENIZER ->
                    new WeightRequest(
                            reference,
                            WeightRequest.Kind.TOKENIZER,
                            weights.findTokenizer(reference).orElse(null));
            };
            requests.merge(
                    reference, request, (one, other) -> one.kind() == WeightRequest.Kind.TOKENIZER ? other : one);
        }
        return List.copyOf(requests.values());
    }

    private static Optional<Path> whole(Optional<Path> folder) {
        return folder.filter(path -> !Files.isDirectory(path) || !HubFiles.lacksShards(path));
    }
}
