package io.lavis4j.download;

import static io.lavis4j.download.FaultyServer.answer;
import static io.lavis4j.download.FaultyServer.head;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A hub with one model, as the Hugging Face hub answers: large files are named by SHA-256 and lie on another host,
 * others by git's checksum.
 */
public final class FakeHub implements AutoCloseable {

    public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final FaultyServer storage;
    private final FaultyServer hub;
    private final String name;

    /** Whom files are for; {@code null} for everybody. */
    public @Nullable String token;

    /** Requests that are answered by 503 from now on, to come again at once. */
    public int busy;

    /** In place of what is right. */
    public @Nullable String etag;

    public FakeHub(String name) throws IOException {
        this.name = name;
        storage = new FaultyServer((request, out) -> {
            byte[] content = Objects.requireNonNull(files.get(request.path().substring(1)));
            FaultyServer.file(request, out, content, content.length);
        });
        hub = new FaultyServer(this::serve);
    }

    public FakeHub with(String file, String content) {
        files.put(file, content.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    private void serve(FaultyServer.Request request, OutputStream out) throws IOException {
        String path = request.path(), resolve = "/%s/resolve/%s/".formatted(name, COMMIT);
        if (busy-- > 0) {
            answer(out, 503, new byte[0], "Retry-After: 0");
            return;
        }
        if (path.startsWith("/api/models/" + name + "/revision/")) {
            String siblings = files.keySet().stream()
                    .map("{\"rfilename\": \"%s\"}"::formatted)
                    .collect(Collectors.joining(", "));
            answer(
                    out,
                    200,
                    "{\"sha\": \"%s\", \"siblings\": [%s]}"
                            .formatted(COMMIT, siblings)
                            .getBytes(StandardCharsets.UTF_8));
        } else if (path.startsWith(resolve) && files.containsKey(path.substring(resolve.length()))) {
            resolve(request, path.substring(resolve.length()), out);
        } else {
            answer(out, 404, new byte[0]);
        }
    }

    private void resolve(FaultyServer.Request request, String file, OutputStream out) throws IOException {
        byte[] content = Objects.requireNonNull(files.get(file));
        if (token != null && !("Bearer " + token).equals(request.header("authorization"))) {
            answer(out, 403, new byte[0]);
        } else if (file.endsWith(".safetensors") || file.endsWith(".bin")) {
            head(
                    out,
                    302,
                    "Location: " + storage.address("/" + file),
                    "X-Linked-ETag: \"%s\"".formatted(etag == null ? sha256(content) : etag),
                    "X-Linked-Size: " + content.length);
        } else {
            FaultyServer.file(request, out, content, content.length, "ETag: \"%s\"".formatted(git(content)));
        }
    }

    public static String sha256(byte[] content) {
        return digest("SHA-256", content);
    }

    private static String git(byte[] content) {
        return digest("SHA-1", "blob %d\0".formatted(content.length).getBytes(StandardCharsets.UTF_8), content);
    }

    private static String digest(String algorithm, byte[]... pieces) {
        try {
            var digest = MessageDigest.getInstance(algorithm);
            List.of(pieces).forEach(digest::update);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    public URI address() {
        return hub.address("");
    }

    public List<FaultyServer.Request> requests() {
        return hub.requests();
    }

    public List<FaultyServer.Request> requestsOfStorage() {
        return storage.requests();
    }

    @Override
    public void close() throws IOException {
        hub.close();
        storage.close();
    }
}
