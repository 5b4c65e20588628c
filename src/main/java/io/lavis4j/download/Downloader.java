package io.lavis4j.download;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Plans of what data sets and models need: what is there, what is to be fetched and from where. */
public final class Downloader {

    private final Catalog catalog;
    private final Caches caches;
    private final HubSettings hub;
    private final Fetcher fetcher;
    private final TransferListener listener;

    /** @param hub whose {@code offline} is about the whole network */
    public Downloader(Catalog catalog, Caches caches, HubSettings hub, Fetcher fetcher, TransferListener listener) {
        this.catalog = catalog;
        this.caches = caches;
        this.hub = hub;
        this.fetcher = fetcher;
        this.listener = listener;
    }

    /**
     * A data set below a root.
     *
     * @param keepArchives archives stay when they are unpacked
     * @throws IllegalArgumentException if the catalog has none of this name
     */
    public DownloadPlan dataset(String name, Path root, boolean keepArchives) {
        var dataset = catalog.dataset(name);
        var steps = new ArrayList<DownloadPlan.Step>();
        for (var file : dataset.files()) {
            var place = root.resolve(file.path()).normalize();
            var unpack = file.unpack();
            boolean interrupted = unpack != null && Unpacking.isInterrupted(place);
            boolean archived = unpack != null && Files.isRegularFile(place);
            var state = file.missing(root).isEmpty() && !interrupted
                    ? PlannedFile.State.THERE
                    : archived
                            ? PlannedFile.State.UNPACK
                            : file.address() == null ? PlannedFile.State.BY_HAND : PlannedFile.State.FETCH;
            var planned = new PlannedFile(name, file.provides(), state, from(file), place, file.size(), here(place));
            steps.add(new DownloadPlan.Step(planned, work(file, place, state, root, keepArchives)));
        }
        return new DownloadPlan(steps, List.of());
    }

    private static String from(PublishedFile file) {
        return String.valueOf(file.address() == null ? file.byHand() : file.address());
    }

    private static long here(Path target) {
        try {
            return PartFile.here(target);
        } catch (IOException e) {
            return 0; // none, or not to be looked at
        }
    }

    private DownloadPlan.@Nullable Work work(
            PublishedFile file, Path place, PlannedFile.State state, Path root, boolean keepArchives) {
        String unpack = file.unpack();
        URI address = file.address();
        if (state == PlannedFile.State.UNPACK && unpack != null) {
            return () -> unpack(file, place, root.resolve(unpack), root, keepArchives);
        }
        if (state != PlannedFile.State.FETCH || address == null || hub.offline()) {
            return null;
        }
        return () -> {
            fetcher.fetch(new Download(address, place, file.size(), file.checksum()), listener);
            if (unpack != null) {
                unpack(file, place, root.resolve(unpack), root, keepArchives);
            }
        };
    }

    private void unpack(PublishedFile file, Path archive, Path folder, Path root, boolean keepArchives)
            throws IOException, InterruptedException {
        fetcher.unpacking(archive, folder, listener).run();
        var missing = file.missing(root);
        if (!missing.isEmpty()) {
            throw new IOException("%s has been unpacked into %s, but %s is not there; expected another archive"
                    .formatted(archive, folder, missing));
        }
        if (!keepArchives) {
            Files.deleteIfExists(archive);
        }
    }

    /**
     * Weights: a single file for the cache of torch hub, or a model for that of the Hugging Face hub.
     *
     * @param revision of a model on the hub; {@code null} for its main one
     */
    public DownloadPlan weights(WeightRequest request, @Nullable String revision) throws InterruptedException {
        var there = request.there();
        if (there != null && revision == null) {
            return plan(request, PlannedFile.State.THERE, there.toString(), there);
        }
        String byHand = catalog.weightsByHand(request.reference());
        if (byHand != null || request.isPath()) {
            String how = byHand == null ? "it is a path of yours: put it there, or name another" : byHand;
            return plan(request, PlannedFile.State.BY_HAND, how, Path.of(request.reference()));
        }
        return request.kind() == WeightRequest.Kind.FILE
                ? file(request)
                : model(request, revision == null ? HubRepository.MAIN : revision);
    }

    private static DownloadPlan plan(WeightRequest request, PlannedFile.State state, String from, Path to) {
        var file = new PlannedFile(request.reference(), List.of(request.reference()), state, from, to, null, 0);
        return new DownloadPlan(List.of(new DownloadPlan.Step(file, null)), List.of());
    }

    private DownloadPlan file(WeightRequest request) {
        String reference = request.reference();
        var address = catalog.weights(reference).orElse(null);
        var target = caches.torchCheckpoints().resolve(request.fileName());
        if (address == null) {
            return plan(
                    request,
                    PlannedFile.State.BY_HAND,
                    "no address is known: put it there, or name its address in a file for --catalog, under weights.files",
                    target);
        }
        var planned = new PlannedFile(
                reference, List.of(reference), PlannedFile.State.FETCH, address.toString(), target, null, here(target));
        DownloadPlan.Work work =
                hub.offline() ? null : () -> fetcher.fetch(new Download(address, target, null, null), listener);
        return new DownloadPlan(List.of(new DownloadPlan.Step(planned, work)), List.of());
    }

    private DownloadPlan model(WeightRequest request, String revision) throws InterruptedException {
        String name = request.reference();
        var repository =
                new HubRepository(name, revision, new Hub(caches.hub(), hub, fetcher.http(), fetcher.attempts()));
        String address = hub.endpoint() + "/" + name;
        var place = Caches.repository(caches.hub(), name);
        if (hub.offline()) {
            return plan(request, PlannedFile.State.UNKNOWN, address, place);
        }
        try {
            return model(name, repository.resolve(request.kind() == WeightRequest.Kind.MODEL, listener));
        } catch (IOException e) {
            String reason = Attempts.reason(e);
            var unknown = plan(request, PlannedFile.State.UNKNOWN, "%s (%s)".formatted(address, reason), place);
            return new DownloadPlan(
                    List.of(new DownloadPlan.Step(unknown.files().get(0), () -> {
                        throw new IOException("%s cannot be asked for its files: %s".formatted(address, reason), e);
                    })),
                    List.of());
        }
    }

    private DownloadPlan model(String name, HubRepository.Snapshot snapshot) {
        var steps = new ArrayList<DownloadPlan.Step>();
        for (Map.Entry<String, Download> file : snapshot.downloads().entrySet()) {
            var download = file.getValue();
            boolean there = Files.isRegularFile(download.target());
            var planned = new PlannedFile(
                    name,
                    List.of(name + "/" + file.getKey()),
                    there ? PlannedFile.State.THERE : PlannedFile.State.FETCH,
                    download.address().toString(),
                    download.target(),
                    download.size(),
                    here(download.target()));
            steps.add(new DownloadPlan.Step(planned, there ? null : () -> fetcher.fetch(download, listener)));
        }
        return new DownloadPlan(steps, List.of(snapshot::link));
    }
}
