package io.lavis4j.download;

import io.lavis4j.io.FileNames;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where published files are kept on this machine, by the conventions of torch hub and of the Hugging Face hub.
 *
 * @param torchCheckpoints single files: {@code TORCH_HOME/hub/checkpoints}
 * @param huggingFace token and cache: {@code HF_HOME}
 * @param hub models, each in {@code models--ORG--NAME}: {@code HF_HUB_CACHE}
 * @param own what comes with this library and is unpacked
 */
public record Caches(Path torchCheckpoints, Path huggingFace, Path hub, Path own) {

    /** @param setting value of an environment variable or of {@code user.home}; {@code null} if it is not set */
    public static Caches of(Function<String, @Nullable String> setting) {
        var home = folder(setting.apply("user.home"), Path.of("."));
        var caches = folder(setting.apply("XDG_CACHE_HOME"), home.resolve(".cache"));
        var torch = folder(setting.apply("TORCH_HOME"), caches.resolve("torch"));
        var huggingFace = folder(setting.apply("HF_HOME"), caches.resolve("huggingface"));
        return new Caches(
                torch.resolve("hub").resolve("checkpoints"),
                huggingFace,
                folder(setting.apply("HF_HUB_CACHE"), huggingFace.resolve("hub")),
                caches.resolve("lavis4j"));
    }

    private static Path folder(@Nullable String setting, Path otherwise) {
        return setting == null || setting.isBlank() ? otherwise : FileNames.setting(setting);
    }

    /** A model's folder in a cache of the Hugging Face hub. */
    public static Path repository(Path hub, String name) {
        return hub.resolve("models--" + name.replace("/", "--"));
    }
}
