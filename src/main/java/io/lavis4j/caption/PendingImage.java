package io.lavis4j.caption;

import io.lavis4j.dataset.Awaited;
import io.lavis4j.image.BrokenImageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An image that is being read, or waits for its captions or for those before it to be written. */
final class PendingImage {

    private static final String READ = "";

    private final SourceImage image;
    private final int slot;
    private final FutureTask<String> reading;
    private final @Nullable Executor workers;
    private final List<Prompted> prompts = new ArrayList<>();

    /** The image with one of its prompts. */
    static final class Prompted {
        private final PendingImage image;
        private final String prompt;
        private final Object length;
        private @Nullable Captioned result;

        private Prompted(PendingImage image, String prompt, Object length) {
            this.image = image;
            this.prompt = prompt;
            this.length = length;
        }

        String prompt() {
            return prompt;
        }

        /** Equal for prompts that need no padding beside one another. */
        Object length() {
            return length;
        }

        boolean isDone() {
            return result != null;
        }

        int slot() {
            return image.slot;
        }

        /** Waits until the image has been read; if it could not be, this is done. */
        void awaitImage() {
            String problem = image.problem();
            if (!problem.equals(READ)) {
                result = new Captioned(prompt, List.of(), problem);
            }
        }

        void finish(List<String> captions) {
            result = new Captioned(prompt, captions, null);
        }
    }

    /**
     * Begins to read an image.
     *
     * @param slot that it is read into
     * @param remaining its prompts, of which there is one
     * @param length of a prompt
     * @param read reads it
     * @param workers {@code null} to read it when it is waited for, in that thread
     */
    PendingImage(
            SourceImage image,
            int slot,
            List<String> remaining,
            Function<String, Object> length,
            Runnable read,
            @Nullable Executor workers) {
        this.image = image;
        this.slot = slot;
        this.workers = workers;
        remaining.forEach(prompt -> prompts.add(new Prompted(this, prompt, length.apply(prompt))));
        reading = new FutureTask<>(() -> {
            try {
                read.run();
                return READ;
            } catch (BrokenImageException e) {
                return String.valueOf(e.getMessage());
            }
        });
        if (workers != null) {
            workers.execute(reading);
        }
    }

    SourceImage image() {
        return image;
    }

    int slot() {
        return slot;
    }

    List<Prompted> prompts() {
        return prompts;
    }

    private String problem() {
        if (workers == null) {
            reading.run(); // a second time it does nothing
        }
        return Awaited.result(reading);
    }

    boolean isDone() {
        return prompts.stream().allMatch(Prompted::isDone);
    }

    /** What came of all prompts. */
    List<Captioned> results() {
        var results = new ArrayList<Captioned>();
        for (var prompted : prompts) {
            if (prompted.result != null) {
                results.add(prompted.result);
            }
        }
        return results;
    }
}
