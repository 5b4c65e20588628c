package io.lavis4j.check;

import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.Source;
import io.lavis4j.dataset.shard.StreamSource;
import io.lavis4j.image.Regions;
import io.lavis4j.processor.ImagePipeline;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.PixelBuffer;
import io.lavis4j.processor.SampleRandom;
import java.nio.file.Path;

/** The images that could not be read. What is among them is read again by whoever asks, for its message. */
final class BrokenImages {

    private final LongTable names = new LongTable(Integer.MAX_VALUE);
    private final LongTable contents = new LongTable(Integer.MAX_VALUE);

    void addFile(long name) {
        names.putIfAbsent(name, 0);
    }

    void addContent(long content) {
        contents.putIfAbsent(content, 0);
    }

    /** A source whose pipeline reads these images alone, and leaves the place of others as it is. */
    Source reading(Source source) {
        if (source instanceof SampleSource list) {
            return new SampleSource(
                    list.dataset(),
                    list.imageProcessor(),
                    list.textProcessor(),
                    new Pipeline(list.pipeline()),
                    list.random());
        }
        if (source instanceof StreamSource stream) {
            return new StreamSource(
                    stream.name(),
                    stream.shards(),
                    stream.samples(),
                    stream.shuffleBuffer(),
                    stream.imageProcessor(),
                    stream.textProcessor(),
                    new Pipeline(stream.pipeline()),
                    stream.random());
        }
        return source;
    }

    private final class Pipeline implements ImagePipeline {
        private final ImagePipeline real;

        Pipeline(ImagePipeline real) {
            this.real = real;
        }

        @Override
        public void load(Path file, Regions regions, ImageProcessor processor, SampleRandom random, PixelBuffer out) {
            if (names.has(Digest.of(file.toString()))) {
                real.load(file, regions, processor, random, out);
            }
        }

        @Override
        public void load(
                byte[] content,
                String name,
                Regions regions,
                ImageProcessor processor,
                SampleRandom random,
                PixelBuffer out) {
            if (contents.has(Digest.of(content))) {
                real.load(content, name, regions, processor, random, out);
            }
        }
    }
}
