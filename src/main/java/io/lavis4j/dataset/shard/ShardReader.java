package io.lavis4j.dataset.shard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.io.JsonText;
import io.lavis4j.io.TextFile;
import io.lavis4j.processor.TextProcessor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.List;

/** The samples of one shard, by number. Safe for several threads. */
public final class ShardReader {

    private final ShardIndex index;
    private final TextProcessor text;

    ShardReader(ShardIndex index, TextProcessor text) {
        this.index = index;
        this.text = text;
    }

    /** A shard of a data set; its headers are read, and faults of the file are kept. */
    public static ShardReader open(StreamSource source, int shard) {
        return new ShardReader(ShardIndex.read(source.shards().get(shard)), source.textProcessor());
    }

    /** How many whole samples there are. */
    public int size() {
        return index.samples().size();
    }

    /** The problems of the file and of samples that are not whole, each naming file and key. */
    public List<String> faults() {
        return index.faults();
    }

    /** The name of a sample in messages. */
    public String named(int number) {
        return index.named(number);
    }

    /** Where a sample's image begins, bytes. */
    long offset(int number) {
        return index.samples().get(number).image().offset();
    }

    /**
     * A sample as it lies in the shard.
     *
     * @param image content of the image's file
     * @param text content of the text's file
     */
    @SuppressWarnings("ArrayRecordComponent") // read at once, never compared
    public record Content(byte[] image, byte[] text) {}

    /** @throws BrokenImageException if the shard cannot be read */
    public Content read(int number) {
        var entry = index.samples().get(number);
        try (var file = FileChannel.open(index.shard())) {
            return new Content(entry.image().read(file), entry.text().read(file));
        } catch (IOException e) {
            throw new BrokenImageException("the shard cannot be read (%s)".formatted(e), e);
        }
    }

    /**
     * The texts of a sample.
     *
     * @throws BrokenImageException if they cannot be read
     */
    public SampleTexts texts(int number, Content content) {
        var entry = index.samples().get(number);
        String words = words(entry, content.text());
        return SampleTexts.of(index.shard().getFileName() + "/" + entry.key(), text.process(words))
                .withReferences(List.of(words));
    }

    private static String words(ShardIndex.Entry entry, byte[] text) {
        try {
            return (entry.json() ? caption(JsonText.parse(text)) : TextFile.decode(text)).strip();
        } catch (JsonProcessingException e) {
            throw new BrokenImageException("its json cannot be read (%s)".formatted(e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new BrokenImageException(
                    "its %s cannot be read (%s)".formatted(entry.json() ? "json" : "txt", e.getMessage()), e);
        }
    }

    private static String caption(JsonNode json) {
        var caption = json.path("caption");
        if (!caption.isTextual() || !JsonText.isWhole(caption.textValue())) {
            throw new BrokenImageException(
                    "its json has no text under caption, but %.60s".formatted(JsonText.found(caption)));
        }
        return caption.textValue();
    }
}
