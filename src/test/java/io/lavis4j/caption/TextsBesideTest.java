package io.lavis4j.caption;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lavis4j.golden.LibtorchFirst;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@ExtendWith(LibtorchFirst.class)
class TextsBesideTest {

    @TempDir
    private Path folder = Path.of("");

    private final RedModel model = new RedModel();

    @BeforeEach
    void draw() {
        for (String name : new String[] {"0.png", "1.b.png", "2"}) {
            RedModel.image(folder.resolve(name), name.charAt(0) - '0');
        }
    }

    @AfterEach
    void close() {
        model.close();
    }

    private BulkTally caption(boolean overwrite) {
        return BulkRun.of(model, 2, "a", "b").to(new TextsBeside(overwrite, List.of(folder)), folder);
    }

    @Test
    void eachImageHasItsCaptionsInATextBesideIt() throws IOException {
        assertThat(caption(false)).isEqualTo(new BulkTally(3, 0, 0));
        assertThat(Files.readString(folder.resolve("0.txt"))).isEqualTo("a,0\nb,0\n");
        assertThat(Files.readString(folder.resolve("1.b.txt"))).isEqualTo("a,1\nb,1\n");
        assertThat(Files.readString(folder.resolve("2.txt"))).isEqualTo("a,2\nb,2\n");
        model.batches.clear();
        assertThat(caption(false)).isEqualTo(new BulkTally(0, 0, 3));
        assertThat(model.batches).isEmpty();
    }

    @Test
    void textsOfImagesAreNotNamedAsPassedOver() throws IOException {
        caption(false);
        Files.writeString(folder.resolve("3.txt"), "of no image");
        Files.createDirectory(folder.resolve("4.d"));
        Files.writeString(folder.resolve("4.txt"), "beside a folder");
        var logger = (Logger) LoggerFactory.getLogger(PassedOver.class);
        var said = new ListAppender<ILoggingEvent>();
        said.start();
        logger.addAppender(said);
        try {
            assertThat(caption(false)).isEqualTo(new BulkTally(0, 0, 3));
        } finally {
            logger.detachAppender(said);
        }
        assertThat(said.list)
                .singleElement()
                .extracting(ILoggingEvent::getFormattedMessage)
                .asString()
                .contains("2 files passed over")
                .endsWith(": %s, %s".formatted(folder.resolve("3.txt"), folder.resolve("4.txt")));
    }

    @Test
    void aTextThatIsThereIsKeptUnlessItIsEmptyOrAllAreAskedFor() throws IOException {
        Files.writeString(folder.resolve("0.txt"), "mine");
        Files.writeString(folder.resolve("2.txt"), "");
        assertThat(caption(false)).isEqualTo(new BulkTally(2, 0, 1));
        assertThat(folder.resolve("0.txt")).hasContent("mine");
        assertThat(folder.resolve("2.txt")).hasContent("a,2\nb,2");
        assertThat(caption(true)).isEqualTo(new BulkTally(3, 0, 0));
        assertThat(folder.resolve("0.txt")).hasContent("a,0\nb,0");
    }

    @Test
    void ofTwoImagesOfOneNameTheFirstHasTheText() {
        RedModel.image(folder.resolve("0.webp"), 9);
        assertThat(caption(false)).isEqualTo(new BulkTally(4, 0, 0));
        assertThat(folder.resolve("0.txt")).hasContent("a,0\nb,0");
    }

    @Test
    void aListIsNotWrittenOver() throws IOException {
        var list = Files.writeString(folder.resolve("0.txt"), "0.png\n1.b.png\n");
        BulkRun.of(model, 2, "a").to(new TextsBeside(true, List.of(list)), list);
        assertThat(list).hasContent("0.png\n1.b.png");
        assertThat(folder.resolve("1.b.txt")).hasContent("a,1");
    }

    @Test
    void anImageThatCannotBeReadHasNoText() throws IOException {
        var list = Files.writeString(folder.resolve("list.txt"), "0.png\nnowhere.png\n{}\n");
        assertThat(BulkRun.of(model, 2, "a").to(new TextsBeside(false, List.of(list)), list))
                .isEqualTo(new BulkTally(1, 2, 0));
        assertThat(folder.resolve("0.txt")).hasContent("a,0");
        assertThat(folder.resolve("nowhere.txt")).doesNotExist();
    }
}
