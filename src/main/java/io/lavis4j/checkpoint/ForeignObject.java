package io.lavis4j.checkpoint;

/**
 * Stands for a Python object that is not read from a pickle: its class is not in this package's fixed table, so neither
 * the object nor what it holds is built. It takes the object's place, so that what is around it can be read.
 *
 * @param type full name of the class or function, such as {@code omegaconf.dictconfig.DictConfig}
 */
public record ForeignObject(String type) {
    @Override
    public String toString() {
        return "a Python object of type " + type + ", which is never loaded";
    }
}
