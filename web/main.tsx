import { render } from 'preact';
import { App } from './app.tsx';
import './styles/theme.css';
import './styles/page.css';
import './styles/parts.css';
import './styles/plots.css';
import './styles/panels.css';

const place = document.getElementById('page');
if (!place) throw new Error('index.html has no place for the page.');
render(<App />, place);
