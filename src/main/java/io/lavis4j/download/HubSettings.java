package io.lavis4j.download;

import static io.lavis4j.io.Arguments.require;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the Hugging Face hub is reached.
 *
 * @param endpoint the hub, or a mirror of it: {@code HF_ENDPOINT}
 * @param token of a user: {@code HF_TOKEN}, or the file {@code HF_TOKEN_PATH} or {@code HF_HOME/token}; {@code null}
 *     for none
 * @param offline nothing is fetched: {@code HF_HUB_OFFLINE}
 */
public record HubSettings(URI endpoint, @Nullable String token, boolean offline) {

    private static final String HUB = "https://huggingface.co";
    private static final Pattern TOKEN = Pattern.compile("[!-~]+");
    private static final Set<String> TRUE = Set.of("1", "on", "yes", "true");

    /** @param setting as of {@link Caches#of} */
    public static HubSettings of(Function<String, @Nullable String> setting) {
        String endpoint = set(setting, "HF_ENDPOINT"), token = set(setting, "HF_TOKEN");
        String offline = set(setting, "HF_HUB_OFFLINE"), path = set(setting, "HF_TOKEN_PATH");
        return new HubSettings(
                Addresses.parse((endpoint == null ? HUB : endpoint).replaceFirst("/+$", "")),
                token == null
                        ? read(path == null ? Caches.of(setting).huggingFace().resolve("token") : Path.of(path))
                        : token,
                offline != null && TRUE.contains(offline.toLowerCase(Locale.ROOT)));
    }

    /** A token goes into a header; the message does not have it, as it is a secret. */
    public HubSettings {
        require(
                token == null || TOKEN.matcher(token).matches(),
                "expected a token of the Hugging Face hub, letters and digits as hf_..., got a text that is empty or has blanks, line ends or other characters");
    }

    private static @Nullable String set(Function<String, @Nullable String> setting, String name) {
        String value = setting.apply(name);
        return value == null || value.isBlank() ? null : value.strip();
    }

    private static @Nullable String read(Path file) {
        try {
            String token = Files.isRegularFile(file) ? Files.readString(file).strip() : "";
            return token.isEmpty() ? null : token;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the token of the Hugging Face hub in %s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** With another token, unless it is {@code null}. */
    public HubSettings withToken(@Nullable String other) {
        return other == null ? this : new HubSettings(endpoint, other, offline);
    }

    /** The token is not shown. */
    @Override
    public String toString() {
        return endpoint + (token == null ? "" : " with a token") + (offline ? ", offline" : "");
    }
}
