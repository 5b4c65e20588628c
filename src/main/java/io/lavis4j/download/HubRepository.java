package io.lavis4j.download;

import static io.lavis4j.io.Arguments.require;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.io.AtomicFile;
import io.lavis4j.io.JsonText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A model on the Hugging Face hub and its place in the cache, which other programs share:
 * {@code models--ORG--NAME/blobs/HASH} has the bytes, {@code snapshots/COMMIT/FILE} refers to them, and
 * {@code refs/REVISION} has the commit. The last is written when everything else is there.
 */
final class HubRepository {

    static final String MAIN = "main";

    private static final Pattern NAME = Pattern.compile("(?!\\.)[\\w.-]+(/(?!\\.)[\\w.-]+)?");
    private static final Pattern REVISION = Pattern.compile("(?!\\.)[\\w.-]+(/(?!\\.)[\\w.-]+)*");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    private static final Pattern BLOB = Pattern.compile("(?!\\.)[\\w.-]{8,128}");
    private static final int LARGEST_LISTING = 1 << 24;
    private static final Duration LISTING = Duration.ofSeconds(60);

    private final String name;
    private final String revision;
    private final Path folder;
    private final Hub hub;

    HubRepository(String name, String revision, Hub hub) {
        require(NAME.matcher(name).matches(), "expected the name of a model, as facebook/opt-2.7b, got \"%s\"", name);
        require(
                REVISION.matcher(revision).matches(),
                "%s: expected a revision, as main or refs/pr/3, got \"%s\"",
                name,
                revision);
        this.name = name;
        this.revision = revision;
        this.folder = Caches.repository(hub.cache(), name);
        this.hub = hub;
    }

    /** @param file its name in the repository */
    private record HubFile(String file, Download download) {}

    /** What of a revision is needed, as the hub says. */
    static final class Snapshot {

        private final HubRepository repository;
        private final String commit;
        private final List<HubFile> files;

        private Snapshot(HubRepository repository, String commit, List<HubFile> files) {
            this.repository = repository;
            this.commit = commit;
            this.files = List.copyOf(files);
        }

        /** Files by their names in the repository, to be fetched before {@link #link}. */
        Map<String, Download> downloads() {
            var downloads = new LinkedHashMap<String, Download>();
            files.forEach(file -> downloads.put(file.file(), file.download()));
            return downloads;
        }

        /** The folder that the model is read from. */
        private Path folder() {
            return repository.folder.resolve("snapshots").resolve(commit);
        }

        /** Makes the folder of what has been fetched, and the revision refer to it; nothing if not all has been. */
        void link() throws IOException {
            if (!files.stream()
                    .allMatch(file -> Files.isRegularFile(file.download().target()))) {
                return;
            }
            Files.createDirectories(folder());
            for (var file : files) {
                link(folder().resolve(file.file()), file.download().target());
            }
            if (repository.revision.equals(commit)) {
                return; // it refers to itself, and others write nothing either
            }
            var reference = repository.folder.resolve("refs").resolve(repository.revision);
            Files.createDirectories(Objects.requireNonNull(reference.getParent()));
            AtomicFile.write(reference, commit);
        }

        private static void link(Path link, Path blob) throws IOException {
            if (Files.isRegularFile(link)) {
                return;
            }
            try {
                Files.deleteIfExists(link); // refers to what is gone
                Files.createSymbolicLink(
                        link, Objects.requireNonNull(link.getParent()).relativize(blob));
            } catch (FileAlreadyExistsException e) {
                return; // another process was faster
            } catch (UnsupportedOperationException | FileSystemException e) {
                AtomicFile.copy(blob, link); // a file system without links
            }
        }
    }

    /**
     * Asks the hub what a revision has.
     *
     * @param withWeights or configuration and tokenizer alone
     * @throws IOException if it cannot be asked, or does not let one; the message says what to do
     */
    Snapshot resolve(boolean withWeights, TransferListener listener) throws IOException, InterruptedException {
        var listing = hub.attempts().repeat(name, listener, this::listing);
        String commit = listing.path("sha").asText();
        if (!COMMIT.matcher(commit).matches()) {
            throw new RefusedException(
                    "%s: expected the number of a commit from the hub, got \"%s\"".formatted(name, commit));
        }
        var names = new HashSet<String>();
        listing.path("siblings")
                .forEach(file -> names.add(file.path("rfilename").asText()));
        var chosen = HubFiles.chosen(names, withWeights);
        var files = new ArrayList<HubFile>();
        for (String file : chosen) {
            files.add(hub.attempts().repeat(name, listener, () -> file(commit, file)));
        }
        if (chosen.isEmpty() || (withWeights && chosen.equals(HubFiles.chosen(names, false)))) {
            throw new RefusedException("%s at %s has no %s that are read here, but %s"
                    .formatted(name, revision, withWeights ? "weights" : "files", new TreeSet<>(names)));
        }
        return new Snapshot(this, commit, files);
    }

    private JsonNode listing() throws IOException, InterruptedException {
        var address = Addresses.parse("%s/api/models/%s/revision/%s"
                .formatted(hub.settings().endpoint(), name, URLEncoder.encode(revision, StandardCharsets.UTF_8)));
        try (var answer = hub.http().get(address, hub.settings().token(), Map.of())) {
            hub.attempts().requireNotPassing(answer);
            if (answer.status() != 200) {
                throw denied(address, answer.status());
            }
            return JsonText.parse(read(answer, address));
        } catch (JsonProcessingException e) {
            throw new RefusedException(
                    "%s: expected JSON, got something else (%s)".formatted(address, e.getOriginalMessage()));
        }
    }

    private static byte[] read(Answer answer, URI address) throws IOException, InterruptedException {
        var bytes = new ByteArrayOutputStream();
        var body = answer.body();
        for (var pieces = body.next(LISTING); pieces != null; pieces = body.next(LISTING)) {
            for (var piece : pieces) {
                var content = new byte[piece.remaining()];
                piece.get(content);
                bytes.write(content);
            }
            if (bytes.size() > LARGEST_LISTING) {
                throw new RefusedException("%s has more than %s; that is not a list of files"
                        .formatted(address, Units.bytes(LARGEST_LISTING)));
            }
        }
        return bytes.toByteArray();
    }

    private RefusedException denied(URI address, int status) {
        return new RefusedException("%s answers %d: %s"
                .formatted(
                        address,
                        status,
                        switch (status) {
                            case 401, 403 -> ifDenied();
                            case 404 ->
                                "there is no model %s with a revision %s, or a token is needed to see it"
                                        .formatted(name, revision);
                            default -> "try again later, or name a mirror by HF_ENDPOINT";
                        }));
    }

    private String ifDenied() {
        return "%s wants to know who takes it: accept its terms at %s/%s, make a token there under settings/tokens, and give it by HF_TOKEN or --token%s"
                .formatted(
                        name,
                        hub.settings().endpoint(),
                        name,
                        hub.settings().token() == null ? "" : "; the one given has no access to it");
    }

    /** The hub names a file's bytes by SHA-256 if they are large, else by git's checksum. */
    private HubFile file(String commit, String file) throws IOException, InterruptedException {
        var address =
                Addresses.parse("%s/%s/resolve/%s/%s".formatted(hub.settings().endpoint(), name, commit, file));
        try (var answer = hub.http().headOfHost(address, hub.settings().token())) {
            hub.attempts().requireNotPassing(answer);
            if (answer.status() >= 400) {
                throw denied(address, answer.status());
            }
            String linked = answer.header("X-Linked-ETag");
            String etag = Objects.requireNonNullElse(linked == null ? answer.header("ETag") : linked, "");
            String blob = etag.replaceFirst("^W/", "").replace("\"", "");
            if (!BLOB.matcher(blob).matches()) {
                throw new RefusedException(
                        "%s: expected an ETag that names its bytes, got \"%s\"; name another mirror by HF_ENDPOINT"
                                .formatted(address, etag));
            }
            Long size = answer.number(linked == null ? "Content-Length" : "X-Linked-Size");
            var target = folder.resolve("blobs").resolve(blob);
            return new HubFile(
                    file,
                    new Download(
                            address,
                            target,
                            size,
                            checksum(blob),
                            hub.settings().token(),
                            ifDenied()));
        }
    }

    private static @Nullable Checksum checksum(String blob) {
        return switch (blob.replaceFirst("^[0-9a-f]+$", "").isEmpty() ? blob.length() : 0) {
            case 64 -> new Checksum(Checksum.Kind.SHA256, blob);
            case 40 -> new Checksum(Checksum.Kind.GIT, blob);
            default -> null;
        };
    }
}
